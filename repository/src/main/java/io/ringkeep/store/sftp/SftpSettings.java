package io.ringkeep.store.sftp;

import java.time.Duration;

/// How long a server is waited for, and how often it is asked.
///
/// A server that is gone fails a call after about `reply + (tries - 1) × connect`; one that takes
/// logins and then says nothing, after `tries × reply`.
///
/// @param connections logins at once, at most; each has a channel that any number of threads share
/// @param connect for a login: the connection, the keys, the channel
/// @param reply without a byte from the server while an answer is due
/// @param keepAlive of silence before the server is asked for a sign of life; after twice that it
///   is given up
/// @param tries of a call whose connection breaks, all together
/// @param pause before the second try; it doubles each time, and half of it is left to chance
record SftpSettings(
    int connections,
    Duration connect,
    Duration reply,
    Duration keepAlive,
    int tries,
    Duration pause) {

  /// Four logins stay clear of `MaxStartups 10:30:100`, where sshd begins to turn away at random.
  /// Seven tries wait some ten seconds in between, enough for a server that is restarted.
  static final SftpSettings USUAL =
      new SftpSettings(
          /* connections= */ 4,
          Duration.ofSeconds(15),
          Duration.ofSeconds(60),
          Duration.ofSeconds(15),
          /* tries= */ 7,
          Duration.ofMillis(200));
}
