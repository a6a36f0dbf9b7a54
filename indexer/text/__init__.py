"""The one analysis of Chinese text: normalised, cut into tokens, the same for every engine."""
