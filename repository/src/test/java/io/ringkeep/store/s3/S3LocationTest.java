package io.ringkeep.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3LocationTest {
  @Test
  void parse_bucketAlone_leavesTheRestToTheEnvironment() {
    assertThat(S3Location.parse("s3://bucket"))
        .isEqualTo(
            new S3Location(
                "bucket",
                "",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()))
        .isEqualTo(S3Location.parse("s3://bucket/"));
  }

  @Test
  void parse_everything_isTakenApart() {
    S3Location location =
        S3Location.parse(
            "s3://my.bucket/prod/cache-1/?endpoint=https%3A%2F%2Fminio.example%3A9000"
                + "&region=eu-central-1&path-style=false&profile=second");

    assertThat(location)
        .isEqualTo(
            new S3Location(
                "my.bucket",
                "prod/cache-1",
                Optional.of(URI.create("https://minio.example:9000")),
                Optional.of("eu-central-1"),
                Optional.of(false),
                Optional.of("second")));
    assertThat(location.bucketKey("a/b")).isEqualTo("prod/cache-1/a/b");
    assertThat(location)
        .hasToString(
            "s3://my.bucket/prod/cache-1?endpoint=https://minio.example:9000"
                + "&region=eu-central-1&path-style=false&profile=second");
    assertThat(S3Location.parse(location.toString())).isEqualTo(location);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://",
        "s3:///prefix",
        "s3://b",
        "s3://bucket//x",
        "s3://bucket/../x",
        "s3://bucket/.hidden",
        "s3://bucket/a b",
        "s3://bucket?",
        "s3://bucket?endpoint",
        "s3://bucket?endpoint=",
        "s3://bucket?endpoint=host:9000",
        "s3://bucket?endpoint=ftp://host",
        "s3://bucket?endpoint=http://host/path",
        "s3://bucket?endpoint=http://host?x=y",
        "s3://bucket?endpoint=%zz",
        "s3://bucket?region=",
        "s3://bucket?region=a&region=b",
        "s3://bucket?path-style=yes",
        "s3://bucket?pathstyle=true",
        "http://bucket"
      })
  void parse_brokenUrl_isRefused(String url) {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> S3Location.parse(url))
        .satisfies(e -> assertThat(e.hint()).isPresent());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://key:hunter2@bucket/prefix",
        "s3://bucket?endpoint=https://key:hunter2@host",
        "s3://bucket?endpoint=https://key:hunter2%40host",
        "s3://bucket?secret=hunter2",
        "s3://bucket?AKIAIOSFODNN7hunter2"
      })
  void parse_secretInUrl_isRefusedAndNotRepeated(String url) {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> S3Location.parse(url))
        .satisfies(e -> assertThat(e.getMessage() + e.hint()).doesNotContain("hunter2"));
  }
}
