"""One analysis: from the lake to a run, part by part."""
