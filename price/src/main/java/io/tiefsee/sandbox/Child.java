package io.tiefsee.sandbox;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Function;
import org.mozilla.javascript.NativeJSON;
import org.mozilla.javascript.RhinoException;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/**
 * The process that runs programs, one after the other, each in fresh objects. It ends when its
 * input does, so that it never outlives the process that started it.
 */
final class Child {
  private static final int MAX_STACK = 10_000;
  private static final int MAX_MESSAGE = 200;

  private final int outputBytes;
  private final DataOutputStream out;

  private Child(int outputBytes, DataOutputStream out) {
    this.outputBytes = outputBytes;
    this.out = out;
  }

  /**
   * @param args the largest result in bytes
   */
  public static void main(String[] args) throws IOException {
    DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
    // What anything else prints must not get among the answers.
    System.setOut(new PrintStream(PrintStream.nullOutputStream()));
    Child child = new Child(Integer.parseInt(args[0]), out);
    // Loads the interpreter's classes before time is counted.
    child.runs(new Program("function ready() {}", "ready", List.of()));
    out.writeByte(Wire.READY);
    out.flush();
    for (; ; ) {
      Program program;
      try {
        program = Wire.readProgram(in);
      } catch (EOFException e) {
        return;
      }
      child.runs(program);
      out.flush();
    }
  }

  private void runs(Program program) throws IOException {
    try (Context context = Context.enter()) {
      // Interpreted code is never made into classes; recursion takes heap, which is limited.
      context.setInterpretedMode(true);
      context.setLanguageVersion(Context.VERSION_ECMASCRIPT);
      context.setMaximumInterpreterStackDepth(MAX_STACK);
      context.setClassShutter(name -> false);
      ScriptableObject scope = context.initSafeStandardObjects(null, false);
      silentConsole(context, scope);
      Function function;
      try {
        context.evaluateString(scope, Dialect.adapt(program.source()), "answer", 1, null);
        Object found = context.evaluateString(scope, program.function(), "call", 1, null);
        if (!(found instanceof Function f)) {
          answer(Wire.REFUSED, program.function() + " is not a function");
          return;
        }
        function = f;
      } catch (RhinoException | StackOverflowError e) {
        answer(Wire.REFUSED, message(e));
        return;
      }
      for (String call : program.calls()) {
        call(context, scope, function, call);
      }
    }
  }

  private void call(Context context, Scriptable scope, Function function, String arguments)
      throws IOException {
    try {
      Object parsed =
          NativeJSON.parse(context, scope, arguments, (cx, s, thisObject, args) -> args[1]);
      Object[] values = context.getElements((Scriptable) parsed);
      Object value = function.call(context, scope, scope, values);
      answer(Wire.VALUE, new ResultWriter(outputBytes).write(value));
    } catch (ResultWriter.NotPlain | RhinoException | StackOverflowError e) {
      answer(Wire.FAILED, message(e));
    }
  }

  /** Programs may print what they like: nobody reads it. */
  private static void silentConsole(Context context, Scriptable scope) {
    context.evaluateString(
        scope,
        "var console = {};"
            + "['log', 'error', 'warn', 'info', 'debug'].forEach("
            + "function (name) { console[name] = function () {} });"
            + "var print = function () {};",
        "console",
        1,
        null);
  }

  private void answer(int kind, String text) throws IOException {
    out.writeByte(kind);
    Wire.writeText(out, text);
  }

  private static String message(Throwable e) {
    String text = e instanceof StackOverflowError ? "too much recursion" : e.getMessage();
    String line = String.valueOf(text).lines().findFirst().orElse("");
    return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "…";
  }
}
