"""A local imitation of the Midtrans and Xendit wire protocols, as one HTTP program."""
