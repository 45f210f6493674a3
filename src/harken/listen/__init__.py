"""What customers say and do: mappings of other tools' files, scales, surveys."""
