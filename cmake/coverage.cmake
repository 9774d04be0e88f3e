# The target `coverage` of the coverage preset: runs all tests and prints line coverage by file.
find_program(GCOVR gcovr REQUIRED)
add_custom_target(coverage
	COMMAND find ${CMAKE_BINARY_DIR} -name *.gcda -delete
	COMMAND ${CMAKE_CTEST_COMMAND} --output-on-failure -j2 -E "^(structure|tools/test_demo)"
	COMMAND ${GCOVR} --root ${PROJECT_SOURCE_DIR} --object-directory ${CMAKE_BINARY_DIR}
		--filter "(manifests|scheduler|updater|rollback|agent)/" --exclude-unreachable-branches --print-summary
	WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
	USES_TERMINAL VERBATIM)
