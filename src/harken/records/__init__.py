"""What people decide: users and, later, surveys, cases, goals (Django models and migrations)."""
