"""What the maker of WebMACS does: keys, lists of keys, bundles and their signatures (docs/updates.md)."""
