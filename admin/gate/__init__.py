"""What stands at the door: passwords, second factors, passkeys, sessions, proving to be there."""
