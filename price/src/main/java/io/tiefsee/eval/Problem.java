package io.tiefsee.eval;

/**
 * A question with a checkable answer.
 *
 * @param task name of the task
 * @param level from 1
 * @param id canonical: equal problems have equal ids, whatever the level and the wording
 * @param question as a person would write it
 * @param content the structure behind the question, for writers of reasoning traces
 * @param check what an answer must fulfil
 */
public record Problem(
    String task, int level, String id, String question, Content content, Check check) {}
