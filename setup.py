"""Ships the top-level folder `schemas` inside the package, as `emulator.schemas`."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["emulator", "emulator.*"]), "emulator.schemas"],
    package_dir={"emulator": "emulator", "emulator.schemas": "schemas"},
    package_data={
        "emulator": ["py.typed"],
        "emulator.inspector": ["*.css", "*.html", "*.js", "*.svg"],
        "emulator.schemas": ["**/*.json"],
    },
)
