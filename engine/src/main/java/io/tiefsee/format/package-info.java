/**
 * Model files: GGUF and Hugging Face folders read as {@link io.tiefsee.format.Weights}, and writers
 * for both. Whatever is in a file is untrusted: every count and offset is checked against the size
 * of the file before anything is allocated.
 */
package io.tiefsee.format;
