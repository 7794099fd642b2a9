package io.ringkeep.cli.verb;

import picocli.CommandLine.Option;

/// Where the cache is that a command can't do without, which is read.
final class SourceUrl {
  @Option(
      names = "--source",
      required = true,
      paramLabel = "URL",
      description = {
        "redis://[user@]host:port[,host:port]",
        "redis-sentinel://host:port[,host:port]/name",
        "redis-ketama://host:port[:weight][=name][,…]/client[/hash[/tag]] for all servers of a ring;"
            + " client: twemproxy, jedis, spymemcached",
        "rediss:// and rediss-sentinel:// for TLS"
      })
  private String url = "";

  String url() {
    return url;
  }
}
