"""Archives taken apart safely: zip, tar and single compressed files."""
