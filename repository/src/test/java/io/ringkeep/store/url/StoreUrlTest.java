package io.ringkeep.store.url;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringkeep.model.BackupException.InvalidRequest;
import io.ringkeep.repository.ChildJvm;
import io.ringkeep.store.ObjectStore;
import io.ringkeep.store.s3.S3Location;
import io.ringkeep.store.sftp.SftpLocation;
import io.ringkeep.store.url.StoreUrl.Bucket;
import io.ringkeep.store.url.StoreUrl.Folder;
import io.ringkeep.store.url.StoreUrl.SshFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreUrlTest {
  @Test
  void parse_pathOrFileUrl_isTheFolder() {
    assertThat(StoreUrl.parse("/srv/backup")).isEqualTo(new Folder(Path.of("/srv/backup")));
    assertThat(StoreUrl.parse("file:///srv/back%20up"))
        .isEqualTo(new Folder(Path.of("/srv/back up")));
    assertThat(StoreUrl.parse("backup")).isEqualTo(new Folder(Path.of("backup").toAbsolutePath()));
  }

  @Test
  void parse_sftpUrl_isTheFolderOnTheServer() {
    String url = "sftp://backup@nas.example:2222/srv/cache?identity=/etc/ringkeep/id";

    assertThat(StoreUrl.parse(url))
        .isEqualTo(new SshFolder(SftpLocation.parse(url)))
        .hasToString("sftp://backup@nas.example:2222/srv/cache");
  }

  @Test
  void parse_s3Url_isTheBucket() {
    String url = "s3://bucket/prefix?endpoint=http://127.0.0.1:9000";

    assertThat(StoreUrl.parse(url)).isEqualTo(new Bucket(S3Location.parse(url))).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://key:secret@bucket/prefix", "redis://h:secret@h", "http://secret"})
  void parse_otherPlaces_areRefusedWithoutRepeatingThem(String place) {
    assertThatExceptionOfType(InvalidRequest.class)
        .isThrownBy(() -> StoreUrl.parse(place))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file://host/x", "file://", "file:///%zz", "a\0b"})
  void parse_brokenPath_isRefused(String place) {
    assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> StoreUrl.parse(place));
  }

  /// Writes into a folder that is named like a repository.
  static final class Writing {
    public static void main(String[] args) throws IOException {
      try (ObjectStore store = StoreUrl.parse(args[0]).open(System.getenv())) {
        store.put("a", ByteBuffer.allocate(1));
      }
      System.out.println("written");
    }
  }

  @Test
  void open_folder_loadsNoClassesOfOtherStores(@TempDir Path folder) throws Exception {
    try (ChildJvm child =
        ChildJvm.start(
            List.of("env", "JDK_JAVA_OPTIONS=-Xlog:class+load"), Writing.class, folder)) {
      assertThat(child.rest())
          .contains("io.ringkeep.store.file.FileStore")
          .contains("\nwritten")
          .doesNotContain("software.amazon")
          .doesNotContain("io.ringkeep.store.s3.S3Store");
    }
  }
}
