"""Amazon's dialect: JSON and REST protocols, Signature Version 4."""

from emulator.dialects.aws.aws_json import AwsJson
from emulator.dialects.aws.formats import FORMATS
from emulator.dialects.aws.partitions import partition_of
from emulator.dialects.aws.rest_json import RestJson
from emulator.dialects.aws.sigv4 import SigV4

__all__ = ["FORMATS", "AwsJson", "RestJson", "SigV4", "partition_of"]
