"""Both payment gateways: their official SDKs go in, our types and errors come out."""
