"""How mails leave: rendered as text and HTML, over SMTP, into files, or onto the console."""
