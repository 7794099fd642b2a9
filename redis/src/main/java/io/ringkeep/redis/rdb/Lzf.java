package io.ringkeep.redis.rdb;

import io.ringkeep.model.BackupException.CorruptData;
import java.nio.ByteBuffer;

/// Decompression of LZF, the scheme servers compress strings with (`rdbcompression yes`).
///
/// Source: Marc Lehmann's LibLZF format, as `lzf_d.c` of Redis and Valkey reads it.
final class Lzf {
  /*
   * FORMAT  A sequence of tokens, each opened by a control byte `lllooooo`.
   *         lll = 0      literal run: the next ooooo + 1 bytes (1–32) are output as they are.
   *         lll = 1–6    back reference: lll + 2 bytes are repeated from ooooo·256 + next byte + 1 bytes back.
   *         lll = 7      the same with one more byte n in front of the offset's: 9 + n bytes (9–264).
   *         A back reference may overlap what it writes, which repeats a pattern. It reaches 8192 bytes back at most.
   *
   * Runs and references far enough back are copied in words of eight, past their end where there is room: what is
   * written too much is overwritten by the next token. That is the bulk of JSON-like text, and three times as fast
   * as byte by byte.
   */

  /// Most bytes of one literal run.
  private static final int MAX_RUN = 32;

  /// Most bytes that one token puts out.
  private static final int MAX_TOKEN_OUTPUT = 264;

  /// How far back a reference can reach.
  private static final int MAX_DISTANCE = 8192;

  /// Room behind the output with which all of it is written in words.
  static final int SLACK_BYTES = MAX_TOKEN_OUTPUT + Long.BYTES;

  /// Size of the buffer that [#decompressPieces] needs.
  static final int WINDOW_BYTES = 64 * 1024;

  /// Most bytes that `compressedBytes` can stand for: a length above is damage, and need not be
  /// allocated to find out.
  static long mostBytes(long compressedBytes) {
    return compressedBytes * (MAX_TOKEN_OUTPUT / 3);
  }

  private Lzf() {}

  /// Decompresses bytes `start`, inclusive, to `end`, exclusive, of `in` into exactly `length`
  /// bytes of `out` from `at`.
  ///
  /// Bytes behind these in `out` may be written to as well. Positions and limits stay.
  ///
  /// @throws CorruptData if they do not decompress to `length` bytes
  static void decompress(ByteBuffer in, int start, int end, ByteBuffer out, int at, int length) {
    ByteBuffer source = in.order() == out.order() ? in : in.duplicate().order(out.order());
    int stop = at + length;
    long reached = tokens(source, start, end, out, at, at, stop, stop);
    if (inOf(reached) != end || outOf(reached) != stop) {
      throw damaged(start, end, inOf(reached));
    }
  }

  /// Decompresses bytes `start`, inclusive, to `end`, exclusive, of `in`, piece by piece, for
  /// strings too long to stand in memory whole.
  ///
  /// @param window scratch of at least [#WINDOW_BYTES]
  /// @throws CorruptData if they do not decompress to `length` bytes; pieces may have been handed
  ///   on
  static void decompressPieces(
      ByteBuffer in, int start, int end, long length, ByteBuffer window, Element.PieceSink sink) {
    ByteBuffer source = in.order() == window.order() ? in : in.duplicate().order(window.order());
    int softStop = WINDOW_BYTES - MAX_TOKEN_OUTPUT;
    int at = start;
    int filled = 0;
    int handedOn = 0;
    long left = length;
    while (at < end) {
      long reached = tokens(source, at, end, window, 0, filled, softStop, WINDOW_BYTES);
      at = inOf(reached);
      filled = outOf(reached);
      left -= filled - handedOn;
      if (left < 0) {
        throw damaged(start, end, at);
      }
      sink.accept(window, handedOn, filled);
      if (filled > MAX_DISTANCE) {
        window.put(0, window, filled - MAX_DISTANCE, MAX_DISTANCE);
        filled = MAX_DISTANCE;
      }
      handedOn = filled;
    }
    if (left != 0) {
      throw damaged(start, end, at);
    }
  }

  /// Decodes tokens until the input ends or the output reaches `softStop`, and says how far both
  /// got.
  ///
  /// @param floor where the output that may be referred to begins
  /// @param hardStop what the output may not pass, except by bytes that do not count
  private static long tokens(
      ByteBuffer in,
      int start,
      int end,
      ByteBuffer out,
      int floor,
      int at,
      int softStop,
      int hardStop) {
    int ip = start;
    int op = at;
    int roomyIn = in.limit() - MAX_RUN;
    int roomyOut = out.limit() - SLACK_BYTES;
    while (ip < end && op < softStop) {
      int control = in.get(ip++) & 0xff;
      if (control < MAX_RUN) {
        if (control >= end - ip || control >= hardStop - op) {
          throw damaged(start, end, ip);
        }
        if (ip <= roomyIn && op <= roomyOut) {
          out.putLong(op, in.getLong(ip));
          out.putLong(op + 8, in.getLong(ip + 8));
          if (control >= 16) {
            out.putLong(op + 16, in.getLong(ip + 16));
            out.putLong(op + 24, in.getLong(ip + 24));
          }
        } else {
          for (int i = 0; i <= control; i++) {
            out.put(op + i, in.get(ip + i));
          }
        }
        ip += control + 1;
        op += control + 1;
      } else {
        int count = (control >>> 5) + 2;
        if (count == 9 && ip < end) {
          count += in.get(ip++) & 0xff;
        }
        if (ip >= end) {
          throw damaged(start, end, ip);
        }
        int from = op - ((control & 0x1f) << 8) - (in.get(ip++) & 0xff) - 1;
        if (from < floor || count > hardStop - op) {
          throw damaged(start, end, ip);
        }
        if (op - from >= 8 && op <= roomyOut) {
          // Most references are of three bytes: one word, without a loop to predict.
          out.putLong(op, out.getLong(from));
          if (count > 8) {
            out.putLong(op + 8, out.getLong(from + 8));
            out.putLong(op + 16, out.getLong(from + 16));
            for (int i = 24; i < count; i += 8) {
              out.putLong(op + i, out.getLong(from + i));
            }
          }
        } else {
          for (int i = 0; i < count; i++) {
            out.put(op + i, out.get(from + i));
          }
        }
        op += count;
      }
    }
    return ((long) ip << 32) | op;
  }

  private static int inOf(long reached) {
    return (int) (reached >>> 32);
  }

  private static int outOf(long reached) {
    return (int) reached;
  }

  private static CorruptData damaged(int start, int end, int at) {
    return new CorruptData(
        "damaged LZF string: compressedBytes=%d offset=%d".formatted(end - start, at - start),
        null,
        null);
  }
}
