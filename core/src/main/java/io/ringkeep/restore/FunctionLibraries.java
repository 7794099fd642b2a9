package io.ringkeep.restore;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Function libraries by name: their code begins with `#!lua name=mylib`.
///
/// Source: `functionExtractLibMetaData` in `functions.c`, Redis 7.0.
final class FunctionLibraries {
  private static final Pattern NAME = Pattern.compile("\\bname=([\"']?)([A-Za-z0-9_]+)\\1");

  private FunctionLibraries() {}

  /// Code by library name, in the order given; a library found on several shards stands here once.
  static Map<String, String> byName(List<byte[]> libraries) {
    Map<String, String> byName = new LinkedHashMap<>();
    for (byte[] library : libraries) {
      String code = new String(library, StandardCharsets.UTF_8);
      Matcher name = NAME.matcher(code.lines().findFirst().orElse(""));
      byName.put(name.find() ? name.group(2) : "", code);
    }
    return byName;
  }
}
