package io.ringkeep.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;
import redis.clients.jedis.util.JedisClusterCRC16;

/// Files of prepared `RESTORE` commands, one for each primary of a cluster with even slot ranges,
/// for `redis-cli --pipe` to feed.
final class RestoreCommands {
  private static final int SLOTS = 16384;

  private RestoreCommands() {}

  /// Writes what a server's database 0 holds as commands into `folder`; returns the files in slot
  /// order.
  static List<Path> prepare(Jedis source, int primaries, Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    List<OutputStream> outs = new ArrayList<>();
    for (int i = 0; i < primaries; i++) {
      files.add(folder.resolve("restore-" + i + ".resp"));
      outs.add(new BufferedOutputStream(Files.newOutputStream(files.get(i)), 1 << 20));
    }
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    do {
      ScanResult<byte[]> page = source.scan(cursor, new ScanParams().count(2000));
      List<Response<byte[]>> dumps = new ArrayList<>();
      try (Pipeline pipeline = source.pipelined()) {
        page.getResult().forEach(key -> dumps.add(pipeline.dump(key)));
      }
      for (int i = 0; i < dumps.size(); i++) {
        byte[] key = page.getResult().get(i);
        int primary = primaryOf(JedisClusterCRC16.getSlot(key), primaries);
        write(outs.get(primary), key, dumps.get(i).get());
      }
      cursor = page.getCursorAsBytes();
    } while (!new String(cursor, StandardCharsets.US_ASCII).equals("0"));
    for (OutputStream out : outs) {
      out.close();
    }
    return files;
  }

  private static int primaryOf(int slot, int primaries) {
    return Math.min(primaries - 1, slot / (SLOTS / primaries));
  }

  private static void write(OutputStream out, byte[] key, byte[] payload) throws IOException {
    byte[][] words = {
      "RESTORE".getBytes(StandardCharsets.US_ASCII),
      key,
      "0".getBytes(StandardCharsets.US_ASCII),
      payload,
      "REPLACE".getBytes(StandardCharsets.US_ASCII)
    };
    out.write(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (byte[] word : words) {
      out.write(("$" + word.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(word);
      out.write('\r');
      out.write('\n');
    }
  }
}
