# haishin_module(NAME [USES ...]): the static library of one folder. Sources include headers by their path from the top, so
# that a reader sees from which folder each comes. A large folder is made of rooms: folders in it, each with its own list.
function(haishin_module name)
	cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
	add_library(${name} STATIC ${ARG_SOURCES})
	target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
	target_link_libraries(${name} PUBLIC ${ARG_USES})
endfunction()

# haishin_room(MODULE SOURCES...): what this folder adds to a module.
function(haishin_room module)
	list(TRANSFORM ARGN PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
	target_sources(${module} PRIVATE ${ARGN})
endfunction()

# haishin_languages(PROGRAM): the program finds its messages in other languages in a catalogue of its own name, so that each
# package of ours brings what its program says, and no two bring the same file. All are made of po/.
function(haishin_languages program)
	set(folder ${CMAKE_BINARY_DIR}/share/locale/ja/LC_MESSAGES)
	add_custom_command(
		OUTPUT ${folder}/${program}.mo
		COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
		COMMAND ${GETTEXT_MSGFMT_EXECUTABLE} --check -o ${folder}/${program}.mo ${PROJECT_SOURCE_DIR}/po/ja.po
		DEPENDS ${PROJECT_SOURCE_DIR}/po/ja.po)
	add_custom_target(${program}_languages ALL DEPENDS ${folder}/${program}.mo)
	add_dependencies(${program} ${program}_languages)
	install(FILES ${folder}/${program}.mo DESTINATION ${CMAKE_INSTALL_LOCALEDIR}/ja/LC_MESSAGES)
endfunction()

# haishin_test(FOLDER NAME [COST SECONDS] [SOURCES ...] [USES ...]): one cmocka program from tests/FOLDER/NAME.c, run by ctest.
function(haishin_test folder name)
	cmake_parse_arguments(ARG "" "COST" "SOURCES;USES" ${ARGN})
	add_executable(${name} ${name}.c ${ARG_SOURCES})
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	target_link_libraries(${name} PRIVATE ${ARG_USES} test_support PkgConfig::CMOCKA)
	add_test(NAME ${folder}/${name} COMMAND ${name})
	set_tests_properties(${folder}/${name} PROPERTIES TIMEOUT 300)
	if(ARG_COST)
		set_tests_properties(${folder}/${name} PROPERTIES COST ${ARG_COST})
	endif()
endfunction()
