package io.ringkeep.redis;

import io.ringkeep.model.BackupException;
import io.ringkeep.model.BackupException.AccessDenied;
import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.model.BackupException.Unavailable;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Makes the JDK's TLS out of [TlsFiles], and words for how it fails.
final class TlsContext {
  private static final Pattern ALERT = Pattern.compile("Received fatal alert: (\\w+)");

  private TlsContext() {}

  /// Reads the files now: a renewed certificate is used by the next connection.
  static SSLContext of(TlsFiles files) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(files), trustManagers(files), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new InvalidRequest(
          "TLS cannot be set up: reason=" + e.getMessage(),
          "do the certificate and the key belong together?");
    }
  }

  private static KeyManager @Nullable [] keyManagers(TlsFiles files)
      throws GeneralSecurityException, IOException {
    if (files.certificate().isEmpty() || files.key().isEmpty()) {
      return null; // no client certificate
    }
    List<X509Certificate> chain = PemFiles.certificates(files.certificate().get());
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "client",
        PemFiles.privateKey(files.key().get()),
        new char[0],
        chain.toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static TrustManager @Nullable [] trustManagers(TlsFiles files)
      throws GeneralSecurityException, IOException {
    if (files.verification() == TlsFiles.Verification.NONE) {
      return new TrustManager[] {new TrustEverybody()};
    }
    if (files.ca().isEmpty()) {
      return null; // the JDK's authorities
    }
    KeyStore store = emptyStore();
    for (X509Certificate authority : PemFiles.certificates(files.ca().get())) {
      store.setCertificateEntry("ca" + store.size(), authority);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  /// What a failed handshake, or an alert behind it, means to the operator.
  static BackupException failure(String server, IOException failure) {
    String text = chainOf(failure);
    if (failure.getCause() instanceof SocketTimeoutException) {
      return new Unavailable(
          "no answer to the TLS handshake: " + server,
          "does the server speak TLS on this port? redis:// is for plain ones",
          failure);
    }
    if (text.contains("Unsupported or unrecognized SSL message")) {
      return new InvalidRequest(
          "server does not speak TLS on this port: " + server, "use its TLS port, or redis://");
    }
    if (text.contains(CertificateExpiredException.class.getSimpleName())) {
      return new AccessDenied(
          "certificate of the server has expired: " + server, "renew it", failure);
    }
    if (text.contains("No subject alternative") || text.contains("No name matching")) {
      return new AccessDenied(
          "certificate of the server is for another host name: " + server,
          "dial it by a name that the certificate holds, or switch the host name check off",
          failure);
    }
    if (text.contains("PKIX") || text.contains("trustAnchors")) {
      return new AccessDenied(
          "certificate of the server is not trusted: " + server,
          "give the CA certificate that signed it",
          failure);
    }
    if (text.contains("Received fatal alert")
        || text.contains("Broken pipe")
        || text.contains("Connection reset")) {
      return refused(server, failure);
    }
    return new Unavailable(
        "TLS handshake failed: " + server + " reason=" + failure.getMessage(),
        "does the server speak TLS 1.2 or 1.3 on this port?",
        failure);
  }

  /// The server hung up on our certificate, or on our having none. Its alert may be lost in the
  /// reset that follows it.
  static AccessDenied refused(String server, IOException failure) {
    Matcher alert = ALERT.matcher(chainOf(failure));
    return new AccessDenied(
        "server refused our TLS certificate: "
            + server
            + (alert.find() ? " alert=" + alert.group(1) : ""),
        "give a client certificate and key that the server's CA has signed",
        failure);
  }

  private static String chainOf(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      text.append(at).append('\n');
    }
    return text.toString();
  }

  /// For [TlsFiles.Verification#NONE] only. The extended form keeps the JDK from adding checks.
  private static final class TrustEverybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
