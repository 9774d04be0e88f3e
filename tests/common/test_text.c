#include "tests/support/test.h"

#include "common/text.h"

TEST_CASE(test_knows_well_formed_utf8)
{
	static const struct {
		const char *text;
		bool is_utf8;
	} rows[] = {
		{"", true}, {"plain", true}, {"\xe9\x85\x8d\xe4\xbf\xa1", true}, {"\xf0\x9f\x98\x80", true},
		{"\xf4\x8f\xbf\xbf", true}, {"\xc0\x80", false}, /* overlong */
		{"\xe0\x80\xaf", false},			 /* overlong */
		{"\xf0\x80\x80\xaf", false},			 /* overlong */
		{"\xed\xa0\x80", false},			 /* surrogate */
		{"\xf4\x90\x80\x80", false},			 /* beyond U+10FFFF */
		{"\xf8\x88\x80\x80\x80", false}, {"\x80", false}, {"\xe9\x85", false},
		{"\xe9"
		 "a",
			false},
		{"\x94\x7a\x90\x4d", false}, /* Shift-JIS */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(text_is_utf8(rows[i].text, strlen(rows[i].text)), rows[i].is_utf8);
	assert_true(text_is_utf8("a\0b", 3));
	assert_false(text_is_utf8("\xe9\x85\x8d", 2));
}

TEST_CASE(test_measures_one_character)
{
	assert_int_equal(text_character_length(""), 0);
	assert_int_equal(text_character_length("ab"), 1);
	assert_int_equal(text_character_length("\xe9\x85\x8d\xe4"), 3);
	assert_int_equal(text_character_length("\xff\xfe"), 1);
	assert_int_equal(text_character_length("\xe9\x85"), 1);
}

TEST_CASE(test_counts_columns)
{
	static const struct {
		const char *text;
		int columns;
	} rows[] = {{"", 0}, {"abc", 3}, {"\xe9\x85\x8d\xe4\xbf\xa1", 4}, {"\xef\xbd\xb1", 1}, /* half-width */
		{"\xef\xbc\xa1", 2},							       /* full-width */
		{"\xe3\x81\x8b\xe3\x82\x99", 2},					       /* combining */
		{"a\xff"
		 "b",
			3}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(text_columns(rows[i].text), rows[i].columns);
}

TEST_CASE(test_shows_nothing_that_acts_on_a_terminal)
{
	char shown[64];

	text_printable("a\x1b[2J\n\t\x7f\xc2\x9b"
		       "b\xff\xe9\x85\x8d",
		shown, sizeof(shown));
	assert_string_equal(shown, "a?[2J????b?\xe9\x85\x8d");
}

TEST_CASE(test_nothing_ends_a_line_or_turns_it_round)
{
	char shown[64];

	text_printable("a\xe2\x80\xa8"
		       "b\xe2\x80\xa9"
		       "c\xe2\x80\xae"
		       "d\xe2\x81\xa9"
		       "e\xef\xbb\xbf"
		       "f\xe2\x80\xa7\xe2\x80\xaf",
		shown, sizeof(shown));
	assert_string_equal(shown, "a?b?c?d?e?f\xe2\x80\xa7\xe2\x80\xaf");
}

TEST_CASE(test_cuts_between_characters)
{
	char shown[16];

	for (size_t size = 1; size <= sizeof(shown); size++) {
		text_printable("\xe9\x85\x8d\xe4\xbf\xa1\xe9\x85\x8d\xe4\xbf\xa1", shown, size);
		assert_true(strlen(shown) < size);
		assert_true(text_is_utf8(shown, strlen(shown)));
	}
}

TEST_CASE(test_keeps_whole_characters_of_what_is_cut)
{
	char kept[8];

	for (size_t size = 1; size <= sizeof(kept); size++) {
		text_cut("\xe9\x85\x8d\xe4\xbf\xa1\xe9\x85\x8d", kept, size);
		assert_int_equal(strlen(kept), (size - 1) / 3 * 3);
	}
	text_cut("whole", kept, sizeof(kept));
	assert_string_equal(kept, "whole");
}

TEST_CASE(test_finds_whole_words_only)
{
	assert_true(text_holds_word("a  reader-app/acme\tb", "reader-app/acme"));
	assert_true(text_holds_word(" a", "a"));
	assert_false(text_holds_word("reader-app/acme2 xreader-app/acme", "reader-app/acme"));
	assert_false(text_holds_word("", "a"));
	assert_false(text_holds_word(NULL, "a"));
}

TESTS(NULL, NULL)
