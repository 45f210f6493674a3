"""What matters, and how sure we are: scores, whole base, drivers, retention, value."""

import os

# Threads that spin while they wait for each other make a busy two-core machine ten times slower (measured).
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
