package io.tiefsee.arena;

import io.tiefsee.config.ConfigReader;
import io.tiefsee.engine.Engine;
import io.tiefsee.engine.EngineOptions;
import io.tiefsee.eval.Problem;
import io.tiefsee.kernel.Isa;
import io.tiefsee.price.Cashier;
import io.tiefsee.tensor.BadInput;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes contestants of a configuration's tables, with the ways to open them.
 *
 * @param models where a model lies that a table names
 * @param environment where the keys are
 * @param cashier measures this machine, and knows the prices of others
 * @param asOf the day whose prices of others count; empty: their newest ones
 */
public record Entrants(
    Function<String, Path> models,
    Map<String, String> environment,
    Cashier cashier,
    Optional<LocalDate> asOf) {
  /** Tokens of all answers under way that the cache is made for at most. */
  private static final int MOST_CACHE_TOKENS = 32_768;

  /** What prompts are assumed to take of the cache. */
  private static final int PROMPT_TOKENS = 512;

  /** A contestant, the way to it, and how it is paid. */
  public record Entry(Contestant contestant, TrialRun.Opener opener, Billing billing) {
    /** The score; empty if a question lacks an answer. */
    public Optional<Score> score(int k, List<Problem> problems, TrialLog log) {
      return Score.of(contestant, k, problems, log, billing);
    }
  }

  /**
   * The contestants of this machine.
   *
   * @throws BadInput if the model is not there, or the machine lacks an instruction set
   */
  public List<Entry> of(LocalConfig config, Protocol protocol) {
    Path path = models.apply(config.model());
    String model = config.name().isEmpty() ? nameOf(path) : config.name();
    EngineOptions best = EngineOptions.defaults();
    List<Entry> entries = new ArrayList<>();
    for (Isa isa : config.isa().isEmpty() ? List.of(best.isa()) : isas(config.isa())) {
      for (int threads : config.threads().isEmpty() ? List.of(best.threads()) : config.threads()) {
        String name =
            model
                + (config.isa().isEmpty() ? "" : ", " + ConfigReader.name(isa))
                + (config.threads().isEmpty()
                    ? ""
                    : ", " + threads + (threads == 1 ? " thread" : " threads"));
        EngineOptions options = best.withIsa(isa).withThreads(threads);
        for (int budget : config.budgets()) {
          entries.add(
              of(path, name, protocol.withBudget(budget), config.k(), options, config.parallel()));
        }
      }
    }
    return entries;
  }

  /**
   * A contestant of this machine.
   *
   * @param parallel questions at once
   */
  public Entry of(
      Path path,
      String name,
      Protocol protocol,
      List<Integer> ks,
      EngineOptions options,
      int parallel) {
    Contestant contestant =
        Contestant.of(
            name,
            false,
            protocol,
            ks,
            String.valueOf(path.getFileName()),
            bytes(path),
            options.isa(),
            options.threads(),
            options.activations(),
            options.kv(),
            options.contextLength());
    return new Entry(
        contestant,
        () -> open(path, name, protocol, options, parallel),
        Billing.byReceipt(cashier.book().currency()));
  }

  /**
   * The contestants of an endpoint; they share its spending cap.
   *
   * @param log has what was spent before
   */
  public List<Entry> of(RemoteConfig config, Protocol protocol, TrialLog log) {
    Endpoint endpoint = config.endpoint();
    String list = config.price().isEmpty() ? config.model() : config.price();
    Prices prices =
        (tokens, at) ->
            cashier
                .book()
                .remote(list, tokens, at, asOf)
                .map(e -> Bill.ofPrice(e.total(), e.currency()));
    Billing billing = new Billing(prices, !config.price().isEmpty(), cashier.book().currency());
    if (billing.listFirst() && !billing.hasList(Instant.now())) {
      throw new BadInput("there is no price list '" + config.price() + "' in the price book");
    }
    List<Contestant> contestants =
        config.budgets().stream()
            .map(budget ->
                Contestant.of(
                    config.title(),
                    true,
                    protocol.withBudget(budget),
                    config.k(),
                    endpoint.base(),
                    endpoint.model(),
                    endpoint.dialect()))
            .toList();
    BigDecimal spent =
        log.all().stream()
            .filter(t ->
                contestants.stream().anyMatch(c -> c.fingerprint().equals(t.key().contestant())))
            .flatMap(t -> t.reply().bill().stream())
            .map(Bill::cost)
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    Purse purse = new Purse(endpoint.limits().spendingCap(), spent);
    return contestants.stream()
        .map(c ->
            new Entry(
                c,
                () -> EndpointAnswerer.open(endpoint, c.protocol(), environment, billing, purse),
                billing))
        .toList();
  }

  private Answerer open(
      Path path, String name, Protocol protocol, EngineOptions options, int parallel) {
    long cache = (long) parallel * (protocol.maxTokens() + PROMPT_TOKENS);
    Engine engine =
        Engine.open(
            path,
            options.toBuilder()
                .maxSequences(Math.max(parallel, options.maxSequences()))
                .steps(cashier.steps())
                .cacheTokens((int) Math.min(cache, MOST_CACHE_TOKENS))
                .build());
    try {
      return new EngineAnswerer(engine, protocol, parallel, cashier, name);
    } catch (RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  private static List<Isa> isas(List<String> names) {
    List<Isa> isas = new ArrayList<>();
    for (String name : names) {
      Isa isa =
          Stream.of(Isa.values())
              .filter(i -> ConfigReader.name(i).equals(name))
              .findFirst()
              .orElseThrow(
                  () -> new BadInput("isa knows scalar, vector, avx2 and avx512, not " + name));
      if (isa.compareTo(Isa.best()) > 0) {
        throw new BadInput(
            "isa %s is beyond this machine, whose best is %s"
                .formatted(name, ConfigReader.name(Isa.best())));
      }
      isas.add(isa);
    }
    return isas;
  }

  /** A model's file without its ending. */
  public static String nameOf(Path path) {
    String file = Optional.ofNullable(path.getFileName()).map(Path::toString).orElse("model");
    return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
  }

  /** Of a file, or of a folder's files: tells a model from another one of its name. */
  private static long bytes(Path path) {
    try (Stream<Path> files = Files.walk(path)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    } catch (IOException e) {
      throw new BadInput(path + " cannot be read: " + BadInput.reason(e), e);
    }
  }
}
