/**
 * Tasks whose answers can be checked, and the verifiers that check them.
 *
 * <p>A {@link io.tiefsee.eval.Task} makes a {@link io.tiefsee.eval.Problem} from a level, a split
 * and a seed, a {@link io.tiefsee.eval.Dataset} reads problems from a public file, {@link
 * io.tiefsee.eval.Problems} gives both by name; {@link io.tiefsee.eval.Verifier} judges an answer.
 * Nothing here has state, but for the processes of the sandbox that code runs in.
 *
 * <p>Three things of a problem are kept apart:
 *
 * <ul>
 *   <li>its {@linkplain io.tiefsee.eval.Content content} (numbers, target, expression, equation),
 *       of which the canonical {@code id} is made: equal problems have equal ids, whatever their
 *       level. A hash of the id decides the {@link io.tiefsee.eval.Split}, so that no problem is
 *       both in TRAIN and in TEST;
 *   <li>its wording ({@code question}), which is chance: the order of the numbers, the signs, the
 *       sentence;
 *   <li>its {@linkplain io.tiefsee.eval.Check check}: what an answer must fulfil.
 * </ul>
 *
 * <p>The answer format is described at {@link io.tiefsee.eval.Verifier}. To add a task: implement
 * {@link io.tiefsee.eval.Task}, name it in {@link io.tiefsee.eval.Tasks}; a new kind of answer is a
 * new record of {@code Check} with its reader in {@code Verifier}.
 */
package io.tiefsee.eval;
