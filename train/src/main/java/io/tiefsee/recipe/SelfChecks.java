package io.tiefsee.recipe;

import java.util.regex.Pattern;

/**
 * How often a text looks back at itself, by words that stand for it: what R1's authors call an "aha
 * moment" (DeepSeek-R1, section 2.2.4) made countable.
 *
 * @param verdicts judgements of an attempt: too low, too high, hit, right, wrong
 * @param checks results that are worked out once more
 * @param restarts turns to another attempt after a doubt
 */
public record SelfChecks(int verdicts, int checks, int restarts) {
  private static final Pattern VERDICT = words("low|high|hit|miss|right|wrong|yes|no|works|fails");
  private static final Pattern CHECK = words("check|checks|checking|verify|verifying|recheck");
  private static final Pattern RESTART = words("wait|again|hmm|instead|restart|alternatively|aha");

  private static Pattern words(String words) {
    return Pattern.compile("\\b(" + words + ")\\b", Pattern.CASE_INSENSITIVE);
  }

  public static SelfChecks of(String thoughts) {
    return new SelfChecks(
        count(VERDICT, thoughts), count(CHECK, thoughts), count(RESTART, thoughts));
  }

  private static int count(Pattern pattern, String text) {
    return (int) pattern.matcher(text).results().count();
  }
}
