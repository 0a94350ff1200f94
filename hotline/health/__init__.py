"""The true state of each part of the product: `/livez`, `/readyz`, `/healthz`."""
