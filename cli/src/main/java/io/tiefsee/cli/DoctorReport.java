package io.tiefsee.cli;

import io.tiefsee.price.Processor;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code tiefsee doctor} says, for people and for programs.
 *
 * @param rows common models, small ones first
 * @param model that was asked about
 */
record DoctorReport(Machine machine, List<Row> rows, Optional<Model> model, String currency) {
  /**
   * What the machine is.
   *
   * @param warning why it is slower than it might be
   * @param available bytes of memory
   * @param bandwidth of reading memory, GB/s
   * @param diskFree bytes where pulled models lie; -1 if not known
   * @param meters what measures energy, then why nothing better does
   */
  record Machine(
      Processor processor,
      String isa,
      Optional<String> warning,
      int threads,
      long available,
      double bandwidth,
      Path modelFolder,
      long diskFree,
      String method,
      List<String> meters) {}

  /**
   * A common model.
   *
   * @param memory bytes that it needs
   * @param promptTokensPerSecond if it fits, or on a machine like this with enough memory
   * @param tokensPerSecond of an answer, likewise
   */
  record Row(
      String name,
      String quant,
      long memory,
      boolean fits,
      double promptTokensPerSecond,
      double tokensPerSecond,
      BigDecimal perMillion) {}

  /**
   * The model that was asked about.
   *
   * @param refusal why it will not run
   * @param context tokens that it would get
   * @param perMillion cost of a million tokens of answers, one answer at a time
   */
  record Model(
      String name,
      long bytes,
      Optional<String> refusal,
      int context,
      Forecast forecast,
      BigDecimal perMillion) {}

  Map<String, Object> toMap() {
    Map<String, Object> map =
        Json.object(
            "machine",
            Json.object(
                "processor", machine.processor.name(),
                "cores", machine.processor.cores(),
                "isa", machine.isa,
                "threads", machine.threads,
                "memory_bytes", machine.processor.memoryBytes(),
                "available_bytes", machine.available,
                "read_gb_s", machine.bandwidth,
                "model_folder", machine.modelFolder.toString(),
                "disk_free_bytes", machine.diskFree),
            "energy",
            Json.object(
                "method", machine.method,
                "source", machine.meters.getFirst(),
                "notes", machine.meters.subList(1, machine.meters.size()),
                "idle_watts", machine.processor.idleWatts(),
                "load_watts", machine.processor.loadWatts()),
            "currency",
            currency,
            "models",
            rows.stream()
                .map(r ->
                    Json.object(
                        "name", r.name,
                        "quant", r.quant,
                        "memory_bytes", r.memory,
                        "fits", r.fits,
                        "prompt_tokens_per_second", r.promptTokensPerSecond,
                        "tokens_per_second", r.tokensPerSecond,
                        "cost_per_million", r.perMillion))
                .toList());
    machine.warning.ifPresent(w -> map.put("warning", w));
    model.ifPresent(m -> map.put("model", toMap(m)));
    return map;
  }

  private static Map<String, Object> toMap(Model m) {
    Map<String, Object> map =
        Json.object(
            "name", m.name,
            "bytes", m.bytes,
            "fits", m.refusal.isEmpty(),
            "context_length", m.context,
            "bytes_per_token", m.forecast.bytesPerToken(),
            "measured_layers", m.forecast.layers(),
            "tokens_per_second", m.forecast.tokensPerSecond(),
            "prompt_tokens_per_second", m.forecast.promptTokensPerSecond(),
            "watts", m.forecast.watts(),
            "cost_per_million", m.perMillion);
    m.refusal.ifPresent(why -> map.put("refusal", why));
    return map;
  }

  String text() {
    List<String> lines = new ArrayList<>();
    lines.add(
        "processor  %s, %d cores, %s, %d threads"
            .formatted(
                machine.processor.name(), machine.processor.cores(), machine.isa, machine.threads));
    machine.warning.ifPresent(w -> lines.add("           " + w));
    lines.add(
        format(
            "memory     %.1f GB, %.1f GB free, read at %.1f GB/s",
            machine.processor.memoryBytes() / 1e9, machine.available / 1e9, machine.bandwidth));
    lines.add(
        "disk       %s in %s"
            .formatted(
                machine.diskFree < 0 ? "?" : format("%.1f GB free", machine.diskFree / 1e9),
                machine.modelFolder));
    lines.add("energy     %s: %s".formatted(machine.method, machine.meters.getFirst()));
    machine.meters.stream().skip(1).forEach(note -> lines.add("           " + note));
    lines.add("");
    lines.add(
        "%-36s %-7s %9s  %-5s %9s %9s %10s"
            .formatted(
                "model", "quant", "memory", "fits", "prompt/s", "tokens/s", currency + "/M"));
    rows.forEach(r -> lines.add(line(r)));
    lines.add("");
    lines.add(needs());
    model.ifPresent(m -> lines.addAll(lines(m)));
    return String.join("\n", lines);
  }

  private static String line(Row r) {
    return format(
        "%-36s %-7s %6.1f GB  %-5s %9.1f %9.1f %10s",
        r.name,
        r.quant,
        r.memory / 1e9,
        r.fits ? "yes" : "no",
        r.promptTokensPerSecond,
        r.tokensPerSecond,
        shown(r.perMillion));
  }

  /** What R1 itself would take. */
  private String needs() {
    Row r1 =
        rows.stream().filter(r -> r.name.equals(ModelTable.R1.name())).findFirst().orElseThrow();
    return r1.fits
        ? "DeepSeek R1 itself fits into this machine's memory."
        : format(
            "DeepSeek R1 itself wants %.0f GB of memory (%s): %.0f GB more than are free here. Ten"
                + " tokens/s want about %.0f GB/s of read bandwidth.",
            r1.memory / 1e9,
            r1.quant,
            (r1.memory - machine.available) / 1e9,
            10 * machine.bandwidth / r1.tokensPerSecond);
  }

  private List<String> lines(Model m) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(format("model      %s, %.1f MB", m.name, m.bytes / 1e6));
    lines.add(
        m.refusal
            .map(why -> "fits       no: " + why)
            .orElse("fits       yes, with a context of " + m.context + " tokens"));
    if (m.forecast.layers() == 0) {
      lines.add("speed      of its kernels: not even its first layers fit into memory");
    }
    lines.addAll(lines(m.forecast));
    lines.add(
        format(
            "price      about %s %s for a million tokens, one answer at a time (%s)",
            shown(m.perMillion), currency, machine.method));
    return lines;
  }

  private List<String> lines(Forecast f) {
    double used = f.bytesPerToken() / f.generate() / 1e9;
    return List.of(
        format(
            "generate   about %.1f tokens/s: %.1f MB a token at %.1f GB/s, %.0f %% of what a plain"
                + " read reaches",
            f.tokensPerSecond(), f.bytesPerToken() / 1e6, used, 100 * used / machine.bandwidth),
        format(
            "prompt     about %.1f tokens/s, for one of %d tokens",
            f.promptTokensPerSecond(), KernelRates.PROMPT_TOKENS),
        format("power      about %.1f W", f.watts()));
  }

  private static String shown(BigDecimal amount) {
    return amount.round(new MathContext(3)).toPlainString();
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
