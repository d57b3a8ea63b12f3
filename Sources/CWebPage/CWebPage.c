// Puts the files of the web page into the binary (C23 #embed). Written by scripts/web_page.py.
#include "CWebPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file_0[] = {
#embed "files/account/appearance.js"
};
static const unsigned char file_1[] = {
#embed "files/account/deviceName.js"
};
static const unsigned char file_2[] = {
#embed "files/account/door.js"
};
static const unsigned char file_3[] = {
#embed "files/account/sessions.js"
};
static const unsigned char file_4[] = {
#embed "files/account/settingsPage.js"
};
static const unsigned char file_5[] = {
#embed "files/admin/adminPage.js"
};
static const unsigned char file_6[] = {
#embed "files/admin/archive.js"
};
static const unsigned char file_7[] = {
#embed "files/admin/archives.js"
};
static const unsigned char file_8[] = {
#embed "files/admin/audit.js"
};
static const unsigned char file_9[] = {
#embed "files/admin/filters.js"
};
static const unsigned char file_10[] = {
#embed "files/admin/health.js"
};
static const unsigned char file_11[] = {
#embed "files/admin/metrics.js"
};
static const unsigned char file_12[] = {
#embed "files/admin/pagedTable.js"
};
static const unsigned char file_13[] = {
#embed "files/admin/saving.js"
};
static const unsigned char file_14[] = {
#embed "files/admin/users.js"
};
static const unsigned char file_15[] = {
#embed "files/admin/verifications.js"
};
static const unsigned char file_16[] = {
#embed "files/chat/composer.js"
};
static const unsigned char file_17[] = {
#embed "files/chat/conversationHead.js"
};
static const unsigned char file_18[] = {
#embed "files/chat/conversationList.js"
};
static const unsigned char file_19[] = {
#embed "files/chat/conversationView.js"
};
static const unsigned char file_20[] = {
#embed "files/chat/conversationWords.js"
};
static const unsigned char file_21[] = {
#embed "files/chat/drops.js"
};
static const unsigned char file_22[] = {
#embed "files/chat/endLoads.js"
};
static const unsigned char file_23[] = {
#embed "files/chat/historyKeys.js"
};
static const unsigned char file_24[] = {
#embed "files/chat/historyView.js"
};
static const unsigned char file_25[] = {
#embed "files/chat/infoPanel.js"
};
static const unsigned char file_26[] = {
#embed "files/chat/items.js"
};
static const unsigned char file_27[] = {
#embed "files/chat/messageMenu.js"
};
static const unsigned char file_28[] = {
#embed "files/chat/messageRow.js"
};
static const unsigned char file_29[] = {
#embed "files/chat/newConversation.js"
};
static const unsigned char file_30[] = {
#embed "files/chat/peoplePicker.js"
};
static const unsigned char file_31[] = {
#embed "files/chat/quotes.js"
};
static const unsigned char file_32[] = {
#embed "files/chat/richText.js"
};
static const unsigned char file_33[] = {
#embed "files/chat/searchBox.js"
};
static const unsigned char file_34[] = {
#embed "files/chat/seen.js"
};
static const unsigned char file_35[] = {
#embed "files/chat/supportQueue.js"
};
static const unsigned char file_36[] = {
#embed "files/css/admin.css"
};
static const unsigned char file_37[] = {
#embed "files/css/base.css"
};
static const unsigned char file_38[] = {
#embed "files/css/composer.css"
};
static const unsigned char file_39[] = {
#embed "files/css/controls.css"
};
static const unsigned char file_40[] = {
#embed "files/css/dialogs.css"
};
static const unsigned char file_41[] = {
#embed "files/css/history.css"
};
static const unsigned char file_42[] = {
#embed "files/css/layout.css"
};
static const unsigned char file_43[] = {
#embed "files/css/list.css"
};
static const unsigned char file_44[] = {
#embed "files/css/panels.css"
};
static const unsigned char file_45[] = {
#embed "files/css/system.css"
};
static const unsigned char file_46[] = {
#embed "files/dom/avatar.js"
};
static const unsigned char file_47[] = {
#embed "files/dom/build.js"
};
static const unsigned char file_48[] = {
#embed "files/dom/dialog.js"
};
static const unsigned char file_49[] = {
#embed "files/dom/form.js"
};
static const unsigned char file_50[] = {
#embed "files/dom/menu.js"
};
static const unsigned char file_51[] = {
#embed "files/dom/notices.js"
};
static const unsigned char file_52[] = {
#embed "files/files/attachments.js"
};
static const unsigned char file_53[] = {
#embed "files/files/links.js"
};
static const unsigned char file_54[] = {
#embed "files/files/picturePlace.js"
};
static const unsigned char file_55[] = {
#embed "files/files/resumable.js"
};
static const unsigned char file_56[] = {
#embed "files/files/tray.js"
};
static const unsigned char file_57[] = {
#embed "files/files/trays.js"
};
static const unsigned char file_58[] = {
#embed "files/files/upload.js"
};
static const unsigned char file_59[] = {
#embed "files/files/viewer.js"
};
static const unsigned char file_60[] = {
#embed "files/files/xhr.js"
};
static const unsigned char file_61[] = {
#embed "files/index.html"
};
static const unsigned char file_62[] = {
#embed "files/live/backoff.js"
};
static const unsigned char file_63[] = {
#embed "files/live/engine.js"
};
static const unsigned char file_64[] = {
#embed "files/live/packets.js"
};
static const unsigned char file_65[] = {
#embed "files/live/polling.js"
};
static const unsigned char file_66[] = {
#embed "files/live/socket.js"
};
static const unsigned char file_67[] = {
#embed "files/live/webSocketTransport.js"
};
static const unsigned char file_68[] = {
#embed "files/net/api.js"
};
static const unsigned char file_69[] = {
#embed "files/net/lock.js"
};
static const unsigned char file_70[] = {
#embed "files/net/problem.js"
};
static const unsigned char file_71[] = {
#embed "files/net/sessionKeeper.js"
};
static const unsigned char file_72[] = {
#embed "files/pictures/icon.svg"
};
static const unsigned char file_73[] = {
#embed "files/shell/banner.js"
};
static const unsigned char file_74[] = {
#embed "files/shell/frame.js"
};
static const unsigned char file_75[] = {
#embed "files/shell/main.js"
};
static const unsigned char file_76[] = {
#embed "files/shell/notifications.js"
};
static const unsigned char file_77[] = {
#embed "files/shell/router.js"
};
static const unsigned char file_78[] = {
#embed "files/store/catchingUp.js"
};
static const unsigned char file_79[] = {
#embed "files/store/chat.js"
};
static const unsigned char file_80[] = {
#embed "files/store/conversationActs.js"
};
static const unsigned char file_81[] = {
#embed "files/store/conversations.js"
};
static const unsigned char file_82[] = {
#embed "files/store/emitter.js"
};
static const unsigned char file_83[] = {
#embed "files/store/freshId.js"
};
static const unsigned char file_84[] = {
#embed "files/store/history.js"
};
static const unsigned char file_85[] = {
#embed "files/store/keptBox.js"
};
static const unsigned char file_86[] = {
#embed "files/store/listLoads.js"
};
static const unsigned char file_87[] = {
#embed "files/store/outbox.js"
};
static const unsigned char file_88[] = {
#embed "files/store/people.js"
};
static const unsigned char file_89[] = {
#embed "files/store/readMarks.js"
};
static const unsigned char file_90[] = {
#embed "files/store/timeline.js"
};
static const unsigned char file_91[] = {
#embed "files/store/types.js"
};
static const unsigned char file_92[] = {
#embed "files/store/windowing.js"
};
static const unsigned char file_93[] = {
#embed "files/words/english.js"
};
static const unsigned char file_94[] = {
#embed "files/words/russian.js"
};
static const unsigned char file_95[] = {
#embed "files/words/words.js"
};

static const struct cweb_page_file files[] = {
  {"account/appearance.js", file_0, sizeof file_0},
  {"account/deviceName.js", file_1, sizeof file_1},
  {"account/door.js", file_2, sizeof file_2},
  {"account/sessions.js", file_3, sizeof file_3},
  {"account/settingsPage.js", file_4, sizeof file_4},
  {"admin/adminPage.js", file_5, sizeof file_5},
  {"admin/archive.js", file_6, sizeof file_6},
  {"admin/archives.js", file_7, sizeof file_7},
  {"admin/audit.js", file_8, sizeof file_8},
  {"admin/filters.js", file_9, sizeof file_9},
  {"admin/health.js", file_10, sizeof file_10},
  {"admin/metrics.js", file_11, sizeof file_11},
  {"admin/pagedTable.js", file_12, sizeof file_12},
  {"admin/saving.js", file_13, sizeof file_13},
  {"admin/users.js", file_14, sizeof file_14},
  {"admin/verifications.js", file_15, sizeof file_15},
  {"chat/composer.js", file_16, sizeof file_16},
  {"chat/conversationHead.js", file_17, sizeof file_17},
  {"chat/conversationList.js", file_18, sizeof file_18},
  {"chat/conversationView.js", file_19, sizeof file_19},
  {"chat/conversationWords.js", file_20, sizeof file_20},
  {"chat/drops.js", file_21, sizeof file_21},
  {"chat/endLoads.js", file_22, sizeof file_22},
  {"chat/historyKeys.js", file_23, sizeof file_23},
  {"chat/historyView.js", file_24, sizeof file_24},
  {"chat/infoPanel.js", file_25, sizeof file_25},
  {"chat/items.js", file_26, sizeof file_26},
  {"chat/messageMenu.js", file_27, sizeof file_27},
  {"chat/messageRow.js", file_28, sizeof file_28},
  {"chat/newConversation.js", file_29, sizeof file_29},
  {"chat/peoplePicker.js", file_30, sizeof file_30},
  {"chat/quotes.js", file_31, sizeof file_31},
  {"chat/richText.js", file_32, sizeof file_32},
  {"chat/searchBox.js", file_33, sizeof file_33},
  {"chat/seen.js", file_34, sizeof file_34},
  {"chat/supportQueue.js", file_35, sizeof file_35},
  {"css/admin.css", file_36, sizeof file_36},
  {"css/base.css", file_37, sizeof file_37},
  {"css/composer.css", file_38, sizeof file_38},
  {"css/controls.css", file_39, sizeof file_39},
  {"css/dialogs.css", file_40, sizeof file_40},
  {"css/history.css", file_41, sizeof file_41},
  {"css/layout.css", file_42, sizeof file_42},
  {"css/list.css", file_43, sizeof file_43},
  {"css/panels.css", file_44, sizeof file_44},
  {"css/system.css", file_45, sizeof file_45},
  {"dom/avatar.js", file_46, sizeof file_46},
  {"dom/build.js", file_47, sizeof file_47},
  {"dom/dialog.js", file_48, sizeof file_48},
  {"dom/form.js", file_49, sizeof file_49},
  {"dom/menu.js", file_50, sizeof file_50},
  {"dom/notices.js", file_51, sizeof file_51},
  {"files/attachments.js", file_52, sizeof file_52},
  {"files/links.js", file_53, sizeof file_53},
  {"files/picturePlace.js", file_54, sizeof file_54},
  {"files/resumable.js", file_55, sizeof file_55},
  {"files/tray.js", file_56, sizeof file_56},
  {"files/trays.js", file_57, sizeof file_57},
  {"files/upload.js", file_58, sizeof file_58},
  {"files/viewer.js", file_59, sizeof file_59},
  {"files/xhr.js", file_60, sizeof file_60},
  {"index.html", file_61, sizeof file_61},
  {"live/backoff.js", file_62, sizeof file_62},
  {"live/engine.js", file_63, sizeof file_63},
  {"live/packets.js", file_64, sizeof file_64},
  {"live/polling.js", file_65, sizeof file_65},
  {"live/socket.js", file_66, sizeof file_66},
  {"live/webSocketTransport.js", file_67, sizeof file_67},
  {"net/api.js", file_68, sizeof file_68},
  {"net/lock.js", file_69, sizeof file_69},
  {"net/problem.js", file_70, sizeof file_70},
  {"net/sessionKeeper.js", file_71, sizeof file_71},
  {"pictures/icon.svg", file_72, sizeof file_72},
  {"shell/banner.js", file_73, sizeof file_73},
  {"shell/frame.js", file_74, sizeof file_74},
  {"shell/main.js", file_75, sizeof file_75},
  {"shell/notifications.js", file_76, sizeof file_76},
  {"shell/router.js", file_77, sizeof file_77},
  {"store/catchingUp.js", file_78, sizeof file_78},
  {"store/chat.js", file_79, sizeof file_79},
  {"store/conversationActs.js", file_80, sizeof file_80},
  {"store/conversations.js", file_81, sizeof file_81},
  {"store/emitter.js", file_82, sizeof file_82},
  {"store/freshId.js", file_83, sizeof file_83},
  {"store/history.js", file_84, sizeof file_84},
  {"store/keptBox.js", file_85, sizeof file_85},
  {"store/listLoads.js", file_86, sizeof file_86},
  {"store/outbox.js", file_87, sizeof file_87},
  {"store/people.js", file_88, sizeof file_88},
  {"store/readMarks.js", file_89, sizeof file_89},
  {"store/timeline.js", file_90, sizeof file_90},
  {"store/types.js", file_91, sizeof file_91},
  {"store/windowing.js", file_92, sizeof file_92},
  {"words/english.js", file_93, sizeof file_93},
  {"words/russian.js", file_94, sizeof file_94},
  {"words/words.js", file_95, sizeof file_95},
};

const struct cweb_page_file *const cweb_page_files = files;
const size_t cweb_page_file_count = sizeof files / sizeof files[0];
