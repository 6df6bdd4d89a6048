"""Text of the standard: character sets, names, folding, dates."""
