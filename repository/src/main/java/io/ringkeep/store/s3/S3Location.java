package io.ringkeep.store.s3;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.store.ObjectKeys;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Where objects lie: `s3://bucket/prefix?endpoint=https://host:9000&region=eu-central-1`.
///
/// @param bucket that exists
/// @param prefix before each key, without slashes around it; empty for the whole bucket
/// @param endpoint the service, `http` or `https` and no path; without it AWS, or what the
///   environment says
/// @param region without it what the environment says
/// @param pathStyle whether the bucket stands in the path instead of the host name; without it,
///   where there is an endpoint
/// @param profile whose credentials are taken, of AWS's file of them; without it those that the
///   environment says
public record S3Location(
    String bucket,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    Optional<Boolean> pathStyle,
    Optional<String> profile) {
  private static final String SCHEME = "s3://";
  private static final Pattern BUCKET =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9-]{1,64}");
  private static final Pattern PROFILE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Set<String> PARAMETERS =
      Set.of("endpoint", "region", "path-style", "profile");
  private static final String FORM =
      "write s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION&path-style=true&profile=NAME;"
          + " what follows the bucket may be left out";

  /// Reads a URL. Credentials have no place in it, and no message repeats what may be one.
  ///
  /// @throws InvalidRequest if it is none
  public static S3Location parse(String url) {
    if (!url.startsWith(SCHEME)) {
      throw new InvalidRequest("no URL of an S3 bucket", FORM);
    }
    if (url.indexOf('@') >= 0) {
      throw new InvalidRequest(
          "credentials do not belong into the URL of a repository",
          "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with AWS_PROFILE");
    }
    int question = url.indexOf('?');
    String path = url.substring(SCHEME.length(), question < 0 ? url.length() : question);
    Map<String, String> query = question < 0 ? Map.of() : query(url.substring(question + 1));
    int slash = path.indexOf('/');
    String bucket = slash < 0 ? path : path.substring(0, slash);
    String prefix = slash < 0 ? "" : path.substring(slash + 1);
    return new S3Location(
        requireBucket(bucket),
        requirePrefix(prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix),
        Optional.ofNullable(query.get("endpoint")).map(S3Location::endpoint),
        Optional.ofNullable(query.get("region")).map(S3Location::requireRegion),
        Optional.ofNullable(query.get("path-style")).map(S3Location::flag),
        Optional.ofNullable(query.get("profile")).map(S3Location::requireProfile));
  }

  private static Map<String, String> query(String text) {
    Map<String, String> parameters = new HashMap<>();
    for (String parameter : text.split("&", /* limit= */ -1)) {
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      if (!PARAMETERS.contains(name)) {
        // The value may be a secret; a name that is long or odd may be one too.
        throw new InvalidRequest(
            name.matches("[A-Za-z-]{1,32}")
                ? "unknown parameter in the URL of a bucket: parameter=" + name
                : "unknown parameter in the URL of a bucket",
            FORM);
      }
      String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
      if (parameters.put(name, value) != null) {
        throw new InvalidRequest("a parameter is given twice: parameter=" + name, FORM);
      }
    }
    return parameters;
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest("a parameter in the URL of a bucket is not well encoded", FORM);
    }
  }

  private static String requireBucket(String bucket) {
    if (!BUCKET.matcher(bucket).matches()) {
      throw new InvalidRequest("no name of a bucket: bucket=" + bucket, FORM);
    }
    return bucket;
  }

  private static String requirePrefix(String prefix) {
    try {
      if (!prefix.isEmpty()) {
        ObjectKeys.names(prefix);
      }
      return prefix;
    } catch (IllegalArgumentException e) {
      throw new InvalidRequest(
          "no prefix for a repository: prefix=" + prefix,
          "use names of letters, digits, dots, dashes and underscores, parted by slashes");
    }
  }

  private static String requireRegion(String region) {
    if (!REGION.matcher(region).matches()) {
      throw new InvalidRequest("no name of a region: region=" + region, FORM);
    }
    return region;
  }

  private static String requireProfile(String profile) {
    if (!PROFILE.matcher(profile).matches()) {
      throw new InvalidRequest("no name of a profile in the URL of a bucket", FORM);
    }
    return profile;
  }

  private static boolean flag(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new InvalidRequest("path-style is true or false: value=" + value, FORM);
    };
  }

  /// Reads the address of a service.
  ///
  /// @throws InvalidRequest if it is none
  static URI endpoint(String text) {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      boolean plain =
          uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && (uri.getRawPath() == null || uri.getRawPath().matches("/?"));
      if (plain && (scheme.equals("http") || scheme.equals("https"))) {
        return new URI(scheme, null, uri.getHost(), uri.getPort(), null, null, null);
      }
    } catch (URISyntaxException e) {
      // Said below, without repeating it.
    }
    throw new InvalidRequest(
        "no address of an S3 service", "write endpoint=https://HOST:PORT, without a path");
  }

  /// The key in the bucket of a key in the store, or of a directory with its slash.
  String bucketKey(String key) {
    return prefix.isEmpty() ? key : prefix + "/" + key;
  }

  /// The same place as a URL that [#parse] reads. It holds no secret.
  @Override
  public String toString() {
    StringBuilder url = new StringBuilder(SCHEME).append(bucket);
    if (!prefix.isEmpty()) {
      url.append('/').append(prefix);
    }
    char separator = '?';
    if (endpoint.isPresent()) {
      url.append(separator).append("endpoint=").append(endpoint.get());
      separator = '&';
    }
    if (region.isPresent()) {
      url.append(separator).append("region=").append(region.get());
      separator = '&';
    }
    if (pathStyle.isPresent()) {
      url.append(separator).append("path-style=").append(pathStyle.get());
      separator = '&';
    }
    if (profile.isPresent()) {
      url.append(separator).append("profile=").append(profile.get());
    }
    return url.toString();
  }
}
