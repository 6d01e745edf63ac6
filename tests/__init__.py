"""Six suites, from the cheapest that can catch a fault to the dearest; see CONTRIBUTING."""
