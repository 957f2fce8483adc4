package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.tiefsee.tensor.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Routines in executable memory. The pages are mapped for reading and writing, filled, then made
 * readable and executable: they are never writable and executable at once. They live as long as
 * their arena. Immutable, for all threads.
 */
public final class CodePage implements CodeMapping {
  private static final int ROUTINE_ALIGNMENT = 64;

  private final List<MemorySegment> routines;

  private CodePage(List<MemorySegment> routines) {
    this.routines = routines;
  }

  /**
   * Maps routines, each as {@link Assembler#assemble} made it.
   *
   * @return the code page, or why this system gives no executable memory
   */
  public static CodeMapping map(Arena arena, byte[]... routines) {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return new Refused("the processor is not x86-64 but " + arch);
    }
    long[] starts = new long[routines.length];
    long size = 0;
    for (int i = 0; i < routines.length; i++) {
      starts[i] = size;
      size += routines[i].length + ROUTINE_ALIGNMENT - 1 & -ROUTINE_ALIGNMENT;
    }
    try {
      Memory memory = Abi.host() == Abi.WIN64 ? new Windows() : new Posix();
      MemorySegment pages = memory.map(size, arena);
      List<MemorySegment> placed = new ArrayList<>();
      for (int i = 0; i < routines.length; i++) {
        MemorySegment place = pages.asSlice(starts[i], routines[i].length);
        placed.add(place.copyFrom(MemorySegment.ofArray(routines[i])));
      }
      memory.makeExecutable(pages);
      return new CodePage(placed);
    } catch (RefusedException e) {
      return new Refused(e.getMessage());
    } catch (IllegalCallerException e) {
      return new Refused(
          "native access is off; start Java with --enable-native-access=ALL-UNNAMED");
    }
  }

  /**
   * Maps one routine for the life of the process.
   *
   * @param arguments how many 64-bit integers or addresses it takes; it returns nothing
   * @throws IllegalStateException if there is no executable memory; {@link CpuId#detect} tells
   *     before
   */
  public static MethodHandle link(byte[] routine, int arguments) {
    MemoryLayout[] longs = new MemoryLayout[arguments];
    Arrays.fill(longs, JAVA_LONG);
    CodeMapping mapping = map(Arena.global(), routine);
    if (mapping instanceof CodePage page) {
      return page.handle(0, FunctionDescriptor.ofVoid(longs));
    }
    throw new IllegalStateException(((Refused) mapping).reason());
  }

  /**
   * A handle to a routine. Keep it in a {@code static final} field: the JIT compiler then calls the
   * routine directly. The call lets the garbage collector run meanwhile (it is not "critical"), so
   * arguments are addresses of native memory.
   *
   * @param routine its number in the call of {@code map}
   */
  public MethodHandle handle(int routine, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(routines.get(routine), descriptor);
  }

  /** The routine's bytes, for reading, and its address, for {@link NativeCall}. */
  MemorySegment code(int routine) {
    return routines.get(routine);
  }

  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException(String reason) {
      super(reason);
    }
  }

  /** The operating system's calls. */
  private abstract static sealed class Memory {
    abstract MemorySegment map(long size, Arena arena);

    abstract void makeExecutable(MemorySegment pages);
  }

  private static final class Posix extends Memory {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS_LINUX = 0x20;
    private static final int MAP_ANONYMOUS_MACOS = 0x1000;
    private static final long MAP_FAILED = -1;

    private static MemorySegment function(String name) {
      return NativeCall.find(name)
          .orElseThrow(() -> new RefusedException("the C library has no " + name));
    }

    @Override
    MemorySegment map(long size, Arena arena) {
      String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
      int anonymous = os.startsWith("mac") ? MAP_ANONYMOUS_MACOS : MAP_ANONYMOUS_LINUX;
      int access = PROT_READ | PROT_WRITE;
      long address =
          NativeCall.call(function("mmap"), 0, size, access, MAP_PRIVATE | anonymous, -1, 0);
      if (address == MAP_FAILED) {
        throw new RefusedException("mmap gives no memory for code");
      }
      MemorySegment munmap = function("munmap");
      return MemorySegment.ofAddress(address)
          .reinterpret(size, arena, s -> NativeCall.call(munmap, s.address(), size, 0, 0, 0, 0));
    }

    @Override
    void makeExecutable(MemorySegment pages) {
      int access = PROT_READ | PROT_EXEC;
      MemorySegment mprotect = function("mprotect");
      // The function returns an int: the upper half of the register means nothing.
      if ((int) NativeCall.call(mprotect, pages.address(), pages.byteSize(), access, 0, 0, 0)
          != 0) {
        throw new RefusedException(
            "mprotect refuses to make memory executable (SELinux or a hardened system forbids it)");
      }
    }
  }

  private static final class Windows extends Memory {
    private static final int MEM_COMMIT_AND_RESERVE = 0x3000;
    private static final int MEM_RELEASE = 0x8000;
    private static final int PAGE_READWRITE = 0x04;
    private static final int PAGE_EXECUTE_READ = 0x20;

    private final SymbolLookup kernel = SymbolLookup.libraryLookup("kernel32", Arena.global());

    @Override
    MemorySegment map(long size, Arena arena) {
      MemorySegment virtualAlloc = kernel.findOrThrow("VirtualAlloc");
      long address =
          NativeCall.call(virtualAlloc, 0, size, MEM_COMMIT_AND_RESERVE, PAGE_READWRITE, 0, 0);
      if (address == 0) {
        throw new RefusedException("VirtualAlloc gives no memory for code");
      }
      MemorySegment virtualFree = kernel.findOrThrow("VirtualFree");
      return MemorySegment.ofAddress(address)
          .reinterpret(
              size, arena, s -> NativeCall.call(virtualFree, s.address(), 0, MEM_RELEASE, 0, 0, 0));
    }

    @Override
    void makeExecutable(MemorySegment pages) {
      MemorySegment virtualProtect = kernel.findOrThrow("VirtualProtect");
      try (Arena arena = Arena.ofConfined()) {
        long old = arena.allocate(JAVA_INT).address();
        long size = pages.byteSize();
        if ((int)
                NativeCall.call(virtualProtect, pages.address(), size, PAGE_EXECUTE_READ, old, 0, 0)
            == 0) {
          throw new RefusedException("VirtualProtect refuses to make memory executable");
        }
      }
    }
  }
}
