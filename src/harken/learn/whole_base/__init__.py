"""From the customers who answer to all customers."""
