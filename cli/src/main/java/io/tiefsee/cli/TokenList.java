package io.tiefsee.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Token ids on the command line: {@code 1,2,3}. */
record TokenList(int[] ids) {
  /** Reads numbers separated by commas or blanks. */
  static final class Converter implements ITypeConverter<TokenList> {
    @Override
    public TokenList convert(String text) {
      String[] parts = text.strip().split("\\s*,\\s*|\\s+");
      int[] ids = new int[text.isBlank() ? 0 : parts.length];
      for (int i = 0; i < ids.length; i++) {
        try {
          ids[i] = Integer.parseInt(parts[i]);
        } catch (NumberFormatException e) {
          throw new TypeConversionException("'" + parts[i] + "' is not a token id: wanted 1,2,3");
        }
      }
      return new TokenList(ids);
    }
  }
}
