package io.tiefsee.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor and where its data lie.
 *
 * @param start offset of the data in the file; all of them lie within it
 */
record Located(TensorInfo info, MappedFile file, long start) {

  /** The data, at an address that suits the type if its elements are single numbers. */
  MemorySegment data(Arena arena) {
    int alignment = info.type().isFloat() ? info.type().blockBytes() : 1;
    return file.slice(start, info.bytes(), alignment, arena);
  }

  /** Two tensors of a file that share bytes are a sign of damage. */
  static void checkOverlaps(MappedFile file, List<Located> tensors) {
    List<Located> sorted = new ArrayList<>(tensors);
    sorted.sort((a, b) -> Long.compare(a.start, b.start));
    for (int i = 1; i < sorted.size(); i++) {
      Located a = sorted.get(i - 1);
      Located b = sorted.get(i);
      if (a.start + a.info.bytes() > b.start) {
        throw file.bad(
            "the tensors "
                + Quote.of(a.info.name())
                + " and "
                + Quote.of(b.info.name())
                + " overlap");
      }
    }
  }
}
