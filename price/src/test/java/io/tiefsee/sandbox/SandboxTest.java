package io.tiefsee.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tiefsee.sandbox.Outcome.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxTest {
  /** Long enough for a machine under load: only endless programs may exceed it. */
  private static final Duration TIME = Duration.ofSeconds(30);

  private static Sandbox sandbox;

  /** With little time, for programs that never end. */
  private static Sandbox hasty;

  /** With little memory, which is sooner used up. */
  private static Sandbox narrow;

  @BeforeAll
  static void open() {
    sandbox = new Sandbox(new Limits(64, TIME, 1 << 16, 2));
    narrow = new Sandbox(new Limits(32, TIME, 1 << 16, 1));
    hasty = new Sandbox(new Limits(64, Duration.ofMillis(700), 1 << 16, 1));
  }

  @AfterAll
  static void close() {
    sandbox.close();
    hasty.close();
    narrow.close();
  }

  private static Outcome run(String source, String... calls) {
    return sandbox.run(new Program(source, "f", List.of(calls)));
  }

  private static Result one(String source, String call) {
    Outcome outcome = run(source, call);
    assertThat(outcome).as(source).isInstanceOf(Outcome.Ran.class);
    return ((Outcome.Ran) outcome).results().getFirst();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '@',
      value = {
        "function f(a, b) { return a + b } # [2, 3] # 5",
        "const f = (a) => a.map(x => x * 2); # [[1, 2]] # [2,4]",
        "var f = function (s) { return s.split('').reverse().join('') } # [~ab~] # ~ba~",
        "function f() { return [1.5, true, null, 'a\"b', {x: [1]}] } # [] # [1.5,true,null,~a\\u0022b~,{~x~:[1]}]",
        "function f(n) { return n === 0 ? 0 : 1 + f(n - 1) } # [5000] # 5000",
        "function f(a) { let s = 0; for (const x of a) { s += x } return s } # [[1, 2, 3]] # 6",
        "function f(a) { let s = 0; for (const [k, v] of Object.entries(a)) s += v; return s } # [{~p~: 4}] # 4",
        "function f(a) { return Math.max(...a) } # [[3, 9, 4]] # 9",
        "function f(a) { const b = []; b.push(...a, 7); return b } # [[1]] # [1,7]",
        "function g(...r) { return r.length } function f(a) { return g(0, ...a) } # [[1, 2]] # 3",
        "function f(a) { return '(...a) for (const x' + `for (const ${a}` } # [1] # ~(...a) for (const xfor (const 1~",
        "function f(s) { return s.replace(/[(]for/g, '') } # [~(forx~] # ~x~",
        "function f() { console.log('hello'); return 1 } # [] # 1",
        "function f() { return 2 ** 53 } # [] # 9.007199254740992E15",
        "function f(a) { a.push(1); return a.length } # [[]] # 1",
        "let m = new Map(); function f() { m.set('a', 1); return m.size } # [] # 1",
      })
  void runsTodaysJavaScript(String source, String call, String json) {
    String quotes = call.replace('~', '"');
    assertThat(one(source, quotes)).isEqualTo(new Result.Value(json.replace('~', '"')));
  }

  @Test
  void eachCallHasItsOwnResult() {
    Outcome outcome =
        run("function f(n) { if (n > 1) throw new Error('big'); return n }", "[1]", "[2]", "[0]");
    List<Result> results = ((Outcome.Ran) outcome).results();
    assertThat(results.get(0)).isEqualTo(new Result.Value("1"));
    assertThat(((Result.Failed) results.get(1)).why()).contains("big");
    assertThat(results.get(2)).isEqualTo(new Result.Value("0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "function f() {} # it returns nothing",
        "function f() { return 0 / 0 } # it returns NaN",
        "function f() { return () => 1 } # it returns neither",
        "function f() { let a = []; a.push(a); return a } # it returns something too deeply nested",
        "function f() { return 'x'.repeat(100000) } # it returns too much",
        "function f() { return new Array(4000000000) } # it returns too much",
        "function f() { return 7n ** 300000n } # it returns too much",
        "function f() { return f() } # Exceeded maximum stack depth",
        "function f() { throw {toString() { return '\\n\\n' + 'y'.repeat(9999) }} } # ''",
      })
  void aValueThatIsNoneIsSaid(String source, String why) {
    String failed = ((Result.Failed) one(source, "[]")).why();
    assertThat(failed).hasSizeLessThan(300).doesNotContain("\n");
    assertThat(failed).startsWith(why.equals("''") ? "" : why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "function g() {}",
        "function f( {",
        "throw new Error('no')",
        "f = 5",
        "((((((((((((((((((((",
        "/*",
        "`${",
      })
  void withoutTheFunctionItIsRefused(String source) {
    Outcome outcome = run(source, "[]");
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    assertThat(((Outcome.Refused) outcome).why()).isNotBlank().doesNotContain("\n");
  }

  @Test
  void deepNestingIsRefused() {
    for (String piece : List.of("(", "[", "{", "!", "-", "f(", "x=>", "a?", "if(1)", "`${")) {
      Outcome outcome = hasty.run(new Program(piece.repeat(20_000), "f", List.of("[]")));
      assertThat(outcome).as(piece).isNotInstanceOf(Outcome.Ran.class);
    }
  }

  /** None of these may give the name of a class, or anything but a failure or a plain false. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "java.lang.System.getProperty('user.home')",
        "Packages.java.io.File('/etc/passwd').exists()",
        "new java.io.File('/')",
        "java.lang.Runtime.getRuntime().exec('id')",
        "importPackage(java.io)",
        "importClass(java.io.File)",
        "JavaAdapter(java.lang.Runnable, {})",
        "JavaImporter(java.io)",
        "getClass(1)",
        "(1).getClass().forName('java.lang.Runtime')",
        "'x'.getClass().getClassLoader()",
        "[].getClass()",
        "f.getClass()",
        "this.getClass()",
        "f.constructor('return java.lang.System')()",
        "f.constructor.constructor('return Packages')()",
        "eval('java.lang.System')",
        "new Function('return Packages.java.lang.System')()",
        "Object.getOwnPropertyNames(this).map(n => this[n]).find(o => o && o.lang).lang",
        "load('/etc/passwd')",
        "readFile('/etc/passwd')",
        "readUrl('http://localhost')",
        "require('fs').readFileSync('/etc/passwd')",
        "runCommand('id')",
        "spawn(() => 1)",
        "quit()",
        "process.exit(1)",
        "Deno.readTextFile('/etc/passwd')",
        "fetch('http://localhost')",
        "new XMLHttpRequest()",
        "new WebSocket('ws://localhost')",
        "setTimeout(() => 1, 0)",
        "new Worker('x')",
        "XML('<a/>')",
        "import('fs')",
      })
  void nothingOfTheMachineIsThere(String expression) {
    Outcome outcome = run("function f() { return String(" + expression + ") }", "[]");
    if (outcome instanceof Outcome.Ran ran) {
      assertThat(ran.results().getFirst()).as(expression).isInstanceOf(Result.Failed.class);
    } else {
      assertThat(outcome).as(expression).isInstanceOf(Outcome.Refused.class);
    }
  }

  @Test
  void errorsDoNotCarryObjectsOfJava() {
    Result result =
        one(
            "function f() { const seen = [];"
                + "for (const bad of [() => null.x, () => f.y.z, () => new Array(-1),"
                + " () => 'x'.repeat(-1), () => JSON.parse('{'), () => eval('('), () => x1]) {"
                + "try { bad() } catch (e) {"
                + "seen.push(typeof e.javaException, typeof e.rhinoException, typeof e.getClass)"
                + "} } return seen.filter(t => t !== 'undefined').length }",
            "[]");
    assertThat(result).isEqualTo(new Result.Value("0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "while (true) {}",
        "for (;;) { console.log('flood'.repeat(1000)) }",
        "/^(a+)+$/.test('a'.repeat(60) + '!')",
        "/(x+x+)+y/.exec('x'.repeat(60))",
        "try { while (true) {} } finally { while (true) {} }",
        "while (true) { try { f() } catch (e) {} }",
        "(function g() { try { g() } catch (e) { g() } finally { g() } })()",
        "[1, 2].sort(() => { while (true) {} })",
        "Array.from({length: 1e9}, () => 1)",
        "7n ** (10n ** 7n) % 11n",
        "JSON.stringify({toJSON() { while (true) {} }})",
        "new Proxy({}, {get() { while (true) {} }}).x",
      })
  void whatNeverEndsIsKilled(String statement) {
    Outcome outcome =
        hasty.run(new Program("function f() { " + statement + "; return 1 }", "f", List.of("[]")));
    assertThat(outcome).as(statement).isInstanceOf(Outcome.Stopped.class);
    assertThat(((Outcome.Stopped) outcome).why()).startsWith("it takes ");
  }

  @Test
  void whatNeverEndsAtItsTopLevelIsKilledToo() {
    assertThat(hasty.run(new Program("for (;;) {}", "f", List.of("[]"))))
        .isEqualTo(new Outcome.Stopped("it takes longer than 700 ms"));
    assertThat(
            hasty.run(
                new Program(
                    "const a = [1]; Object.defineProperty(a, 0, {get() { for (;;) {} }});"
                        + "function f() { return a }",
                    "f",
                    List.of("[]"))))
        .isEqualTo(new Outcome.Stopped("it takes longer than 700 ms"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "const a = []; while (true) { a.push(new Array(1000).fill(0)) }",
        "let s = 'x'; while (true) { s += s; s.charCodeAt(0) }",
        "const m = new Map(); for (let i = 0; ; i++) { m.set(i, 'v' + i) }",
        "return 'x'.repeat(1 << 30).length",
        "return new Array(20000000).fill(1).length",
      })
  void memoryIsLimited(String statement) {
    Outcome outcome =
        narrow.run(new Program("function f() { " + statement + " }", "f", List.of("[]")));
    if (outcome instanceof Outcome.Ran ran) {
      // Rhino itself may refuse a size.
      assertThat(ran.results().getFirst()).as(statement).isInstanceOf(Result.Failed.class);
    } else {
      // A machine under load may be out of time before it is out of memory.
      assertThat(((Outcome.Stopped) outcome).why()).as(statement).startsWith("it takes ");
    }
    assertThat(narrow.run(new Program("function f() { return 1 }", "f", List.of("[]"))))
        .isEqualTo(new Outcome.Ran(List.of(new Result.Value("1"))));
  }

  @Test
  void aProgramLeavesNothingBehindForTheNext() {
    run(
        "Array.prototype.map = () => 'mine'; Object.prototype.evil = 1; JSON.parse = null;"
            + "String.prototype.split = null; globalThis.leak = 1; function f() { return 1 }",
        "[]");
    for (int i = 0; i < 3; i++) {
      assertThat(
              one(
                  "function f(a) { return [typeof leak, typeof {}.evil, a.map(x => x + 1)] }",
                  "[[1]]"))
          .isEqualTo(new Result.Value("[\"undefined\",\"undefined\",[2]]"));
    }
  }

  @Test
  void itsOwnPrototypesDoNotDeceiveTheReader() {
    assertThat(
            one(
                "Array.prototype.toJSON = () => [9]; Object.prototype.toString = () => '9';"
                    + "Number.prototype.valueOf = () => 9; JSON.stringify = () => '9';"
                    + "Object.prototype.get = () => 9; function f() { return [1, 'a'] }",
                "[]"))
        .isEqualTo(new Result.Value("[1,\"a\"]"));
  }

  @Test
  void hundredsOfProgramsRunInParallel() throws Exception {
    try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Outcome>> tasks = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        int n = i;
        tasks.add(() -> run("function f(x) { return x * " + n + " }", "[2]"));
      }
      List<Future<Outcome>> results = pool.invokeAll(tasks);
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get())
            .isEqualTo(new Outcome.Ran(List.of(new Result.Value(String.valueOf(2 * i)))));
      }
    }
  }

  @Test
  void theProcessHasNoEnvironmentAndAnEmptyFolder() throws Exception {
    try (Sandbox own = new Sandbox(new Limits(64, TIME, 1000, 1))) {
      own.run(new Program("function f() { return 1 }", "f", List.of("[]")));
      ProcessHandle child =
          ProcessHandle.current()
              .children()
              .filter(
                  p -> p.info().arguments().stream().anyMatch(a -> a[a.length - 1].equals("1000")))
              .findFirst()
              .orElseThrow();
      Path proc = Path.of("/proc", String.valueOf(child.pid()));
      if (Files.isDirectory(proc)) {
        assertThat(Files.readAllBytes(proc.resolve("environ"))).isEmpty();
        try (var files = Files.list(proc.resolve("cwd").toRealPath())) {
          assertThat(files).isEmpty();
        }
      }
      own.close();
      child.onExit().get();
      assertThat(child.isAlive()).isFalse();
    }
    try (Sandbox closed = new Sandbox(Limits.standard())) {
      closed.close();
      assertThatThrownBy(() -> closed.run(new Program("", "f", List.of())))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
