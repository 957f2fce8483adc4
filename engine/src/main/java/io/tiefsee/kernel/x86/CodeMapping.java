package io.tiefsee.kernel.x86;

/** What came of asking the system for executable memory. */
public sealed interface CodeMapping permits CodePage, Refused {}
