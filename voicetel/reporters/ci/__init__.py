"""What continuous integration reads: JUnit XML, and the annotations and summary of a GitHub job."""
