"""Finding a customer by whatever somebody types: how texts become words and keys that are looked up."""
