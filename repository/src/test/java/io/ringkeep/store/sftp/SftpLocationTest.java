package io.ringkeep.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringkeep.model.BackupException.InvalidRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SftpLocationTest {
  @Test
  void parse_everything_isThere() {
    SftpLocation location =
        SftpLocation.parse(
            "sftp://kee%2Fper@nas.example:2222/srv/my%20caches/"
                + "?identity=/etc/ringkeep/id&password-file=/p&known-hosts=~/hosts+1");

    assertThat(location.user()).hasValue("kee/per");
    assertThat(location.host()).isEqualTo("nas.example");
    assertThat(location.port()).isEqualTo(2222);
    assertThat(location.path()).isEqualTo("/srv/my caches");
    assertThat(location.identity()).hasValue(Path.of("/etc/ringkeep/id"));
    assertThat(location.passwordFile()).hasValue(Path.of("/p"));
    assertThat(location.knownHosts()).hasValue(Path.of(System.getProperty("user.home"), "hosts+1"));
    assertThat(location).hasToString("sftp://kee/per@nas.example:2222/srv/my caches");
  }

  @ParameterizedTest
  @CsvSource({
    "sftp://nas/srv/cache, /srv/cache, nas, 22",
    "sftp://nas/, /, nas, 22",
    "sftp://nas//srv//cache/, /srv/cache, nas, 22",
    "sftp://nas/~/cache, cache, nas, 22",
    "sftp://nas/~/cache/, cache, nas, 22",
    "sftp://nas/~, ., nas, 22",
    "sftp://nas/~/, ., nas, 22",
    "sftp://nas/~other/x, /~other/x, nas, 22",
    "sftp://[fe80::1]:8022/x, /x, fe80::1, 8022",
  })
  void parse_folder_isAsTheServerIsAskedForIt(String url, String path, String host, int port) {
    SftpLocation location = SftpLocation.parse(url);

    assertThat(location.path()).isEqualTo(path);
    assertThat(location.host()).isEqualTo(host);
    assertThat(location.port()).isEqualTo(port);
    assertThat(SftpLocation.parse(location.toString())).isEqualTo(location);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/srv/cache",
        "ssh://nas/x",
        "sftp:/x",
        "sftp:///x",
        "sftp://nas",
        "sftp://nas:0/x",
        "sftp://nas:65536/x",
        "sftp://@nas/x",
        "sftp://nas/x#y",
        "sftp://nas/x y",
        "sftp://nas/x%00",
        "sftp://nas/x?",
        "sftp://nas/x?strict=no",
        "sftp://nas/x?identity",
        "sftp://nas/x?identity=",
        "sftp://nas/x?identity=/a&identity=/b",
      })
  void parse_anythingElse_isRefused(String url) {
    assertThatThrownBy(() -> SftpLocation.parse(url)).isInstanceOf(InvalidRequest.class);
  }

  @Test
  void parse_password_isRefusedAndNotRepeated() {
    assertThatThrownBy(() -> SftpLocation.parse("sftp://keeper:s3cret@nas/x"))
        .isInstanceOfSatisfying(
            InvalidRequest.class,
            refusal -> {
              assertThat(refusal.getMessage()).contains("password").doesNotContain("s3cret");
              assertThat(refusal.hint().orElseThrow())
                  .contains("RINGKEEP_SFTP_PASSWORD")
                  .doesNotContain("s3cret");
            });
  }
}
