package io.ringkeep.store.s3;

import java.time.Duration;

/// How long a client waits, and how often it asks again.
///
/// Of calls that fail by chance one time in four, one in 65,000 fails for good after eight tries. A
/// host that takes no connection is given up after less than a minute, one that takes it and says
/// nothing after 90 seconds, or after 4 minutes where an object's bytes are under way.
///
/// @param attempts of one call, the first included
/// @param pause at most before the second try; doubles with each, up to fifty times as much; drawn
///   from zero on, so that many clients do not ask again at once
/// @param busyPause the same after an answer that the service is busy; doubles up to twenty times
/// @param connect for a connection
/// @param silence between two bytes
/// @param call for a call that moves no object's bytes, all tries included
/// @param transfer for one that does
record Patience(
    int attempts,
    Duration pause,
    Duration busyPause,
    Duration connect,
    Duration silence,
    Duration call,
    Duration transfer) {
  static Patience standard() {
    return new Patience(
        8,
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(90),
        Duration.ofMinutes(15));
  }
}
