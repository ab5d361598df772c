module.exports = {
  preset: '@react-native/jest-preset',
  // The library is an ES module.
  transformIgnorePatterns: ['node_modules/(?!((jest-)?react-native|@react-native(-community)?|stagedoor)/)'],
  testTimeout: 60000,
};
