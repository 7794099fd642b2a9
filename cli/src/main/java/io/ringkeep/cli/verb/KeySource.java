package io.ringkeep.cli.verb;

import io.ringkeep.cli.session.ServerLogin;
import io.ringkeep.cli.session.Session;
import io.ringkeep.client.CacheLogin;
import io.ringkeep.client.KeyBackups;
import io.ringkeep.redis.ConnectionOptions;
import io.ringkeep.redis.Endpoint;
import io.ringkeep.redis.EscapedText;
import io.ringkeep.redis.RedisUri;
import io.ringkeep.redis.Secret;
import io.ringkeep.redis.Sockets;
import java.nio.ByteBuffer;
import java.util.List;
import picocli.CommandLine.Mixin;

/// The cache whose keys are backed up inside it.
final class KeySource {
  @Mixin private SourceUrl source = new SourceUrl();

  @Mixin private SourceOptions login = new SourceOptions();

  KeyBackups open(Session session) {
    ServerLogin server = login.login(source.url());
    RedisUri uri = server.uri();
    ConnectionOptions options = server.connection(session.secrets()).forUri(uri);
    List<String> addresses = uri.endpoints().stream().map(Endpoint::toString).toList();
    return switch (uri.kind()) {
      case DIRECT -> KeyBackups.connect(addresses, login(options));
      case SENTINEL ->
          KeyBackups.sentinel(
              uri.monitoredName().orElseThrow(),
              addresses,
              login(options),
              login(options.forSentinel()));
      case KETAMA -> KeyBackups.ketama(uri.ring().orElseThrow(), login(options));
    };
  }

  private static CacheLogin login(ConnectionOptions options) {
    return new CacheLogin(
        options.user(),
        options.password().map(Secret::reveal),
        (host, port) -> Sockets.open(new Endpoint(host, port), options),
        options.commandTimeout());
  }

  /// The bytes that a name on the command line stands for, as other commands show them.
  static byte[] bytes(String name) {
    ByteBuffer parsed = EscapedText.parse(name);
    byte[] bytes = new byte[parsed.remaining()];
    parsed.get(bytes);
    return bytes;
  }
}
