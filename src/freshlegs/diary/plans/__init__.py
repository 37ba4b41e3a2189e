"""The training plan of a diary: kept in whole versions, shown beside what was run, adapted when asked, sent out."""
