package io.tiefsee.kernel.x86;

/** The processor, or why it could not be asked. */
public sealed interface Detection permits CpuId, Refused {}
