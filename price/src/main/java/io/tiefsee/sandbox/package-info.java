/**
 * Runs JavaScript that nobody has read.
 *
 * <p>{@link io.tiefsee.sandbox.Sandbox} hands a program to a process of its own: a Java that has
 * nothing but Rhino on its class path, no environment, an empty folder to work in, little memory
 * and a limit of time after which it is killed. In it the program sees the objects of ECMAScript
 * and nothing else: no class of Java, no files, no sockets, no processes, no timers.
 */
package io.tiefsee.sandbox;
