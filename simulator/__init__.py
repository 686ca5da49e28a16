"""The services of a restaurant as real servers, to test and to show the integration with."""
