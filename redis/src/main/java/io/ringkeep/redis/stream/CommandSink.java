package io.ringkeep.redis.stream;

/// Takes the commands of a stream in order.
@FunctionalInterface
public interface CommandSink {
  /// One command, whose last byte was fed just now.
  ///
  /// @return false to be told no more for now: [StreamCutter#feed] returns behind this command
  boolean command(StreamCommand command);
}
