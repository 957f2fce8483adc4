package io.tiefsee.kernel.x86;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
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
      for (int i = 0; i < routines.length; i++) {
        MemorySegment.copy(
            routines[i], 0, pages, ValueLayout.JAVA_BYTE, starts[i], routines[i].length);
      }
      memory.makeExecutable(pages);
      List<MemorySegment> placed = new ArrayList<>();
      for (int i = 0; i < routines.length; i++) {
        placed.add(pages.asSlice(starts[i], routines[i].length));
      }
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
    return switch (map(Arena.global(), routine)) {
      case CodePage page -> page.handle(0, FunctionDescriptor.ofVoid(longs));
      case Refused(String reason) -> throw new IllegalStateException(reason);
    };
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

  /** The routine's bytes, for reading. */
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
    private final StructState state;

    Memory(String errorName) {
      state = new StructState(errorName);
    }

    abstract MemorySegment map(long size, Arena arena);

    abstract void makeExecutable(MemorySegment pages);

    final MethodHandle function(SymbolLookup library, String name, FunctionDescriptor type) {
      return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type, state.option);
    }

    /** Calls with the error number captured; pointers and integers are widened to long. */
    final long call(String what, long failure, MethodHandle function, Object... arguments) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment error = arena.allocate(state.layout);
        List<Object> all = new ArrayList<>();
        all.add(error);
        all.addAll(Arrays.asList(arguments));
        Object result = function.invokeWithArguments(all);
        long value =
            result instanceof MemorySegment m ? m.address() : ((Number) result).longValue();
        if (value == failure) {
          throw new RefusedException(
              what + " failed with error " + (int) state.number.get(error, 0L));
        }
        return value;
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** How the linker keeps errno or GetLastError. */
  private static final class StructState {
    private final MemoryLayout layout = Linker.Option.captureStateLayout();
    private final Linker.Option option;
    private final VarHandle number;

    StructState(String name) {
      option = Linker.Option.captureCallState(name);
      number = layout.varHandle(MemoryLayout.PathElement.groupElement(name));
    }
  }

  private static final class Posix extends Memory {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int PROT_EXEC = 4;
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS_LINUX = 0x20;
    private static final int MAP_ANONYMOUS_MACOS = 0x1000;

    private final MethodHandle mmap;
    private final MethodHandle mprotect;
    private final MethodHandle munmap;

    Posix() {
      super("errno");
      SymbolLookup libc = Linker.nativeLinker().defaultLookup();
      mmap =
          function(
              libc,
              "mmap",
              FunctionDescriptor.of(
                  JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
      mprotect =
          function(libc, "mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
      munmap = function(libc, "munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    }

    @Override
    MemorySegment map(long size, Arena arena) {
      String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
      int anonymous = os.startsWith("mac") ? MAP_ANONYMOUS_MACOS : MAP_ANONYMOUS_LINUX;
      long address =
          call(
              "mmap",
              -1,
              mmap,
              MemorySegment.NULL,
              size,
              PROT_READ | PROT_WRITE,
              MAP_PRIVATE | anonymous,
              -1,
              0L);
      return MemorySegment.ofAddress(address)
          .reinterpret(size, arena, s -> call("munmap", -1, munmap, s, size));
    }

    @Override
    void makeExecutable(MemorySegment pages) {
      call("mprotect to executable", -1, mprotect, pages, pages.byteSize(), PROT_READ | PROT_EXEC);
    }
  }

  private static final class Windows extends Memory {
    private static final int MEM_COMMIT_AND_RESERVE = 0x3000;
    private static final int MEM_RELEASE = 0x8000;
    private static final int PAGE_READWRITE = 0x04;
    private static final int PAGE_EXECUTE_READ = 0x20;

    private final MethodHandle virtualAlloc;
    private final MethodHandle virtualProtect;
    private final MethodHandle virtualFree;

    Windows() {
      super("GetLastError");
      SymbolLookup kernel = SymbolLookup.libraryLookup("kernel32", Arena.global());
      virtualAlloc =
          function(
              kernel,
              "VirtualAlloc",
              FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT));
      virtualProtect =
          function(
              kernel,
              "VirtualProtect",
              FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS));
      virtualFree =
          function(
              kernel, "VirtualFree", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    }

    @Override
    MemorySegment map(long size, Arena arena) {
      long address =
          call(
              "VirtualAlloc",
              0,
              virtualAlloc,
              MemorySegment.NULL,
              size,
              MEM_COMMIT_AND_RESERVE,
              PAGE_READWRITE);
      return MemorySegment.ofAddress(address)
          .reinterpret(size, arena, s -> call("VirtualFree", 0, virtualFree, s, 0L, MEM_RELEASE));
    }

    @Override
    void makeExecutable(MemorySegment pages) {
      try (Arena arena = Arena.ofConfined()) {
        call(
            "VirtualProtect to executable",
            0,
            virtualProtect,
            pages,
            pages.byteSize(),
            PAGE_EXECUTE_READ,
            arena.allocate(JAVA_INT));
      }
    }
  }
}
