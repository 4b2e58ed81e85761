"""From bytes to bytes: Flask application, gateway, dispatcher, explanations."""
