package io.tiefsee.text;

import io.tiefsee.tensor.BadInput;
import io.tiefsee.text.AddedTokens.AddedToken;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Text to token ids and back, by byte-pair encoding, as the model was trained with.
 *
 * <p>Encoding goes: added tokens are cut out of the text, the text between them is normalised, cut
 * into words by the pre-tokeniser and each word is merged. Ids are those of Hugging Face's
 * tokenizers library. Lone surrogates, which no UTF-8 text can hold, count as U+FFFD.
 *
 * <p>Immutable and thread-safe, except for {@link Decoder}, which one thread uses at a time.
 */
public final class Tokenizer {
  /**
   * How text is read.
   *
   * @param parseSpecial whether the text of special tokens, such as {@code <|im_start|>}, becomes
   *     these tokens; never do this with what a user typed. Added tokens that are not special, such
   *     as {@code <think>} in Qwen3, are always recognised.
   * @param addBos whether the begin-of-sequence token comes first, if the model has one
   */
  public record EncodeOptions(boolean parseSpecial, boolean addBos) {}

  /** How token texts stand for bytes. */
  enum TextForm {
    /** In {@link ByteAlphabet}. */
    BYTE_LEVEL,
    /** As they are, but U+2581 is a space and {@code <0xXX>} a byte. */
    SENTENCE_PIECE
  }

  /**
   * What a tokenizer is made of.
   *
   * @param special ids of special tokens
   * @param leadingSpace whether the text form has a space before the text that decoding takes away
   * @param addBos whether the model expects the begin-of-sequence token before plain text
   */
  record Parts(
      Vocabulary vocabulary,
      BytePairEncoder encoder,
      TextNormalizer normalizer,
      PreTokenizer preTokenizer,
      List<AddedToken> added,
      BitSet special,
      TextForm form,
      boolean leadingSpace,
      OptionalInt bos,
      OptionalInt eos,
      Set<Integer> endOfGeneration,
      boolean addBos) {}

  private final Parts parts;
  private final AddedTokens rawTokens;
  private final AddedTokens normalizedTokens;
  private final BitSet addedIds = new BitSet();

  Tokenizer(Parts parts) {
    this.parts = parts;
    List<AddedToken> raw = parts.added.stream().filter(token -> !token.normalized()).toList();
    List<AddedToken> normalized = parts.added.stream().filter(AddedToken::normalized).toList();
    rawTokens = new AddedTokens(raw, raw.stream().map(AddedToken::content).toList());
    normalizedTokens =
        new AddedTokens(
            normalized, normalized.stream().map(t -> parts.normalizer.apply(t.content())).toList());
    parts.added.forEach(token -> addedIds.set(token.id()));
  }

  /**
   * Reads the tokenizer of a GGUF file.
   *
   * @param metadata the file's key-value pairs; strings are {@link String}, numbers {@link Number},
   *     arrays Java arrays of primitives or strings, or lists
   * @throws BadInput if there is no tokenizer, it is of an unknown kind or it contradicts itself
   */
  public static Tokenizer fromGguf(Map<String, ?> metadata) {
    return GgufTokenizer.read(metadata);
  }

  /**
   * Reads tokenizer.json of a Hugging Face folder, and where they are there tokenizer_config.json,
   * generation_config.json and config.json.
   *
   * @throws BadInput if tokenizer.json is missing, broken or of an unknown kind
   */
  public static Tokenizer fromHuggingFace(Path folder) {
    return HuggingFaceTokenizer.read(folder);
  }

  /** The ids of {@code text}, with no begin-of-sequence token added. */
  public int[] encode(String text, boolean parseSpecial) {
    return encode(text, new EncodeOptions(parseSpecial, false));
  }

  /** The ids of {@code text}. */
  public int[] encode(String text, EncodeOptions options) {
    IntList ids = new IntList();
    if (options.addBos) {
      parts.bos.ifPresent(ids::add);
    }
    rawTokens.split(
        wellFormed(text),
        options.parseSpecial,
        new AddedTokens.Sink() {
          @Override
          public void text(String raw) {
            encodeNormalized(parts.normalizer.apply(raw), options.parseSpecial, ids);
          }

          @Override
          public void token(int id) {
            ids.add(id);
          }
        });
    return ids.toArray();
  }

  private void encodeNormalized(String text, boolean parseSpecial, IntList ids) {
    normalizedTokens.split(
        text,
        parseSpecial,
        new AddedTokens.Sink() {
          @Override
          public void text(String words) {
            parts.preTokenizer.split(
                words.toCharArray(),
                0,
                words.length(),
                (chars, from, to) -> parts.encoder.encode(chars, from, to, ids));
          }

          @Override
          public void token(int id) {
            ids.add(id);
          }
        });
  }

  private static String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(isLoneSurrogate(c) ? 0xFFFD : c));
        return out.toString();
      }
    }
    return text;
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  /**
   * The text of {@code tokens}, special ones included. Bytes that are not UTF-8 become U+FFFD; ids
   * that stand for no token (rows that only pad the embedding) are left out.
   *
   * @throws BadInput if an id is negative
   */
  public String decode(int... tokens) {
    Decoder decoder = decoder();
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      decoder.accept(token, text);
    }
    text.append(decoder.flush());
    return parts.leadingSpace && !text.isEmpty() && text.charAt(0) == ' '
        ? text.substring(1)
        : text.toString();
  }

  /**
   * The bytes one token adds to the text, empty for an id that stands for no token.
   *
   * @throws BadInput if the id is negative
   */
  public byte[] bytes(int token) {
    if (token < 0) {
      throw new BadInput("token id " + token + " is negative: ids are 0 to " + (vocabSize() - 1));
    }
    String text = parts.vocabulary.text(token);
    if (addedIds.get(token)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    if (parts.form == TextForm.BYTE_LEVEL) {
      return ByteAlphabet.read(text);
    }
    if (text.length() == 6 && text.startsWith("<0x") && text.endsWith(">")) {
      try {
        return new byte[] {(byte) Integer.parseInt(text, 3, 5, 16)};
      } catch (NumberFormatException e) {
        // Not a byte token after all: ordinary text.
        return text.getBytes(StandardCharsets.UTF_8);
      }
    }
    return text.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }

  /** The bytes of {@code tokens}, one after the other. */
  public byte[] bytes(int[] tokens) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int token : tokens) {
      out.writeBytes(bytes(token));
    }
    return out.toByteArray();
  }

  /** A decoder for a stream of tokens, such as an answer that is being generated. */
  public Decoder decoder() {
    return new Decoder();
  }

  /**
   * Decodes token by token and never gives out a part of a character: bytes of an unfinished one
   * wait for the next token. All that {@link #accept} and {@link #flush} return, joined, is {@link
   * Tokenizer#decode} of the tokens (but for SentencePiece vocabularies the leading space stays, as
   * the stream continues a text). Not thread-safe.
   */
  public final class Decoder {
    private final Utf8Assembler assembler = new Utf8Assembler();

    private Decoder() {}

    /**
     * The text that {@code token} completes, often empty in the middle of a character.
     *
     * @throws BadInput if the id is negative
     */
    public String accept(int token) {
      StringBuilder out = new StringBuilder();
      accept(token, out);
      return out.toString();
    }

    private void accept(int token, StringBuilder out) {
      assembler.accept(bytes(token), out);
    }

    /** Ends the stream: U+FFFD if a character was left unfinished, else nothing. */
    public String flush() {
      StringBuilder out = new StringBuilder();
      assembler.flush(out);
      return out.toString();
    }
  }

  /** The largest token id plus one. The model's own vocabulary may be padded to more. */
  public int vocabSize() {
    return parts.vocabulary.size();
  }

  /** The begin-of-sequence token. */
  public OptionalInt bos() {
    return parts.bos;
  }

  /** The end-of-sequence token. */
  public OptionalInt eos() {
    return parts.eos;
  }

  /** All tokens that end an answer: {@link #eos}, ends of turns, ends of text. */
  public Set<Integer> endOfGeneration() {
    return parts.endOfGeneration;
  }

  /**
   * Whether the model expects {@link #bos} before plain text. What a chat template rendered has it
   * already where it is needed.
   */
  public boolean addBos() {
    return parts.addBos;
  }

  /** Whether the token is a special (control) token. */
  public boolean isSpecial(int token) {
    return token >= 0 && parts.special.get(token);
  }

  /**
   * The token as the vocabulary writes it (for byte-level vocabularies {@code Ġ} is a space), empty
   * for an id that stands for no token.
   */
  public String text(int token) {
    return parts.vocabulary.text(token);
  }

  /** The token that the vocabulary writes as {@code tokenText}. */
  public OptionalInt id(String tokenText) {
    return parts.vocabulary.id(tokenText);
  }
}
